// Markdown becomes a tree of blocks: what a language model writes, not all of CommonMark. Raw HTML,
// reference links and underlined headings are left as text.
//
// Every node has `start` and `end`, its place in the source in UTF-16 units, so that citations can
// be put in later. `streaming` says that the source is still growing: what is open at its end, such
// as a half-written link or emphasis, is then shown as what it is about to be.

import { parseInline } from "./markdown_inline.js";

const MAX_DEPTH = 12;
const BLANK = /^[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const QUOTE = /^ {0,3}>[ ]?/;
const ITEM = /^([ \t]*)([-*+]|(\d{1,9})[.)])(?:([ \t]+)(?=\S)|[ \t]*$)/;
const TABLE_LINE = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const TABLE_LINE_BEGUN = /^[ \t]*\|?[-:| \t]*$/;

/** Parse Markdown into its blocks. */
export function parseMarkdown(source, { streaming = false } = {}) {
  const context = { end: source.trimEnd().length, streaming };
  return parseBlocks(splitLines(source), context, 0);
}

function splitLines(source) {
  const lines = [];
  let at = 0;
  for (const text of source.split(/\r\n|\n|\r/)) {
    lines.push({ text, at });
    at += text.length;
    at += source.startsWith("\r\n", at) ? 2 : 1;
  }
  return lines;
}

function parseBlocks(lines, context, depth) {
  const blocks = [];
  let index = 0;
  while (index < lines.length) {
    if (BLANK.test(lines[index].text)) {
      index += 1;
      continue;
    }
    const found =
      fence(lines, index) ??
      heading(lines, index, context) ??
      rule(lines, index) ??
      (depth < MAX_DEPTH ? quote(lines, index, context, depth) ?? list(lines, index, context, depth) : null) ??
      table(lines, index, context) ??
      indentedCode(lines, index) ??
      paragraph(lines, index, context, depth);
    blocks.push(found.node);
    index = found.next;
  }
  return blocks;
}

// Each of these returns the block that begins at a line, and the line after it, or null.

function fence(lines, index) {
  const opening = FENCE.exec(lines[index].text);
  if (!opening) return null;
  const [, marker, info] = opening;
  const closing = new RegExp(`^ {0,3}${marker[0]}{${marker.length},}[ \\t]*$`);
  const indent = indentOf(lines[index].text);
  let next = index + 1;
  while (next < lines.length && !closing.test(lines[next].text)) next += 1;
  const inside = lines.slice(index + 1, next).map((line) => outdent(line, indent).text);
  // While it streams, the last line of an open block may be its closing fence in the making.
  const closed = next < lines.length;
  const last = lines[Math.min(next, lines.length - 1)];
  return {
    node: {
      type: "code",
      language: info.trim().split(/\s+/)[0],
      value: inside.join("\n"),
      start: lines[index].at,
      end: last.at + last.text.length,
    },
    next: closed ? next + 1 : next,
  };
}

function heading(lines, index, context) {
  const line = lines[index];
  const found = HEADING.exec(line.text);
  if (!found) return null;
  const text = found[2] ?? "";
  const from = text ? line.text.indexOf(text, found[0].indexOf(found[1]) + found[1].length) : line.text.length;
  return {
    node: {
      type: "heading",
      level: found[1].length,
      children: inlineOf([{ text, at: line.at + from }], context),
      start: line.at,
      end: line.at + line.text.length,
    },
    next: index + 1,
  };
}

function rule(lines, index) {
  const { text, at } = lines[index];
  return RULE.test(text) ? { node: { type: "rule", start: at, end: at + text.length }, next: index + 1 } : null;
}

function quote(lines, index, context, depth) {
  if (!QUOTE.test(lines[index].text)) return null;
  const inside = [];
  let next = index;
  for (; next < lines.length; next += 1) {
    const line = lines[next];
    const marker = QUOTE.exec(line.text);
    if (marker) inside.push({ text: line.text.slice(marker[0].length), at: line.at + marker[0].length });
    else if (continuesParagraph(lines, next, inside)) inside.push(line);
    else break;
  }
  return container("quote", lines, index, next, { children: parseBlocks(inside, context, depth + 1) });
}

function list(lines, index, context, depth) {
  const first = itemMarker(lines[index]);
  if (!first || first.indent > 3) return null;
  const items = [];
  let loose = false;
  let next = index;
  while (next < lines.length) {
    const marker = itemMarker(lines[next]);
    if (!marker || marker.indent > 3 || marker.kind !== first.kind || RULE.test(lines[next].text)) break;
    const start = next;
    const inside = [marker.rest];
    for (next += 1; next < lines.length && belongsToItem(lines, next, marker, inside); next += 1) {
      inside.push(outdent(lines[next], marker.width));
    }
    const children = parseBlocks(inside, context, depth + 1);
    const end = lastWithText(lines, start, next);
    loose ||= children.some((child, place) => place > 0 && child.type === "paragraph" && children[place - 1].type === "paragraph");
    items.push({ type: "item", children, start: lines[start].at, end });
    const gap = next;
    while (next < lines.length && BLANK.test(lines[next].text)) next += 1;
    const another = next < lines.length ? itemMarker(lines[next]) : null;
    if (!another || another.kind !== first.kind) {
      next = gap;
      break;
    }
  }
  const end = items.at(-1).end;
  const node = { type: "list", ordered: first.number !== null, first: first.number ?? 1, loose, children: items, start: lines[index].at, end };
  return { node, next };
}

function table(lines, index, context) {
  const header = lines[index].text;
  const divider = lines[index + 1]?.text;
  const atEnd = context.streaming && index + 2 >= lines.length;
  const begun = atEnd && /^[ \t]*\|/.test(header) && TABLE_LINE_BEGUN.test(divider ?? "");
  const whole = divider !== undefined && divider.includes("-") && TABLE_LINE.test(divider) && header.includes("|");
  const columns = cellsOf(lines[index]);
  if (!begun && !(whole && cellsOf(lines[index + 1]).length === columns.length)) return null;
  const aligns = whole ? cellsOf(lines[index + 1]).map(({ text }) => alignment(text)) : [];
  let next = index + 2;
  const rows = [lines[index]];
  for (; next < lines.length && lines[next].text.includes("|") && !BLANK.test(lines[next].text); next += 1) rows.push(lines[next]);
  next = Math.min(next, lines.length);
  return container("table", lines, index, next, {
    aligns,
    children: rows.map((line) => ({
      type: "row",
      start: line.at,
      end: line.at + line.text.length,
      children: cellsOf(line)
        .slice(0, columns.length)
        .map((cell) => ({ type: "cell", children: inlineOf([cell], { ...context, inCell: true }), start: cell.at, end: cell.at + cell.text.length })),
    })),
  });
}

function indentedCode(lines, index) {
  if (indentOf(lines[index].text) < 4) return null;
  let next = index;
  while (next < lines.length && (BLANK.test(lines[next].text) || indentOf(lines[next].text) >= 4)) next += 1;
  while (BLANK.test(lines[next - 1].text)) next -= 1;
  const value = lines.slice(index, next).map((line) => outdent(line, 4).text).join("\n");
  return container("code", lines, index, next, { language: "", value });
}

function paragraph(lines, index, context, depth) {
  let next = index + 1;
  while (next < lines.length && !BLANK.test(lines[next].text) && !interrupts(lines, next, depth)) next += 1;
  return container("paragraph", lines, index, next, { children: inlineOf(lines.slice(index, next), context) });
}

function container(type, lines, index, next, fields) {
  return { node: { type, ...fields, start: lines[index].at, end: lastWithText(lines, index, next) }, next };
}

function lastWithText(lines, index, next) {
  let last = next - 1;
  while (last > index && BLANK.test(lines[last].text)) last -= 1;
  return lines[last].at + lines[last].text.length;
}

/** Tell whether a line ends the paragraph before it. */
function interrupts(lines, index, depth) {
  const { text } = lines[index];
  if (FENCE.test(text) || HEADING.test(text) || RULE.test(text)) return true;
  if (depth >= MAX_DEPTH) return false;
  const marker = itemMarker(lines[index]);
  const startsList = marker && marker.indent < 4 && marker.rest.text && (marker.number === null || marker.number === 1);
  const startsTable = text.includes("|") && TABLE_LINE.test(lines[index + 1]?.text ?? "") && lines[index + 1].text.includes("|");
  return QUOTE.test(text) || Boolean(startsList) || startsTable;
}

/** Tell whether a line without the container's own mark goes on with the paragraph in it. */
function continuesParagraph(lines, index, inside) {
  const previous = inside.at(-1);
  if (!previous || BLANK.test(previous.text) || BLANK.test(lines[index].text)) return false;
  const open = inside.filter(({ text }) => FENCE.test(text)).length % 2 === 1;
  return !open && !HEADING.test(previous.text) && !itemMarker(lines[index]) && !interrupts(lines, index, 0);
}

function belongsToItem(lines, index, marker, inside) {
  const { text } = lines[index];
  if (BLANK.test(text)) {
    const following = lines.slice(index + 1).find((line) => !BLANK.test(line.text));
    return following !== undefined && isInside(following, marker);
  }
  return isInside(lines[index], marker) || continuesParagraph(lines, index, inside);
}

function isInside(line, marker) {
  const indent = indentOf(line.text);
  // Models often indent a nested list by two columns, whatever the width of the outer marker.
  return indent >= marker.width || (indent >= 2 && indent > marker.indent && itemMarker(line) !== null);
}

function itemMarker(line) {
  const found = ITEM.exec(line.text);
  if (!found) return null;
  const [whole, space, mark, digits, gap = ""] = found;
  const indent = indentOf(space);
  // Five spaces after a marker are one space and indented code.
  const gapWidth = gap.length > 4 ? 1 : gap.length || 1;
  const rest = gap.length > 4 ? space.length + mark.length + 1 : whole.length;
  return {
    indent,
    kind: digits === undefined ? mark : mark.at(-1),
    number: digits === undefined ? null : Number(digits),
    width: indent + mark.length + gapWidth,
    rest: { text: line.text.slice(rest), at: line.at + rest },
  };
}

function indentOf(text) {
  let columns = 0;
  for (const character of text) {
    if (character === " ") columns += 1;
    else if (character === "\t") columns += 4 - (columns % 4);
    else break;
  }
  return columns;
}

/** Take up to so many columns of white space off a line's beginning. */
function outdent(line, columns) {
  let used = 0;
  let index = 0;
  while (used < columns && (line.text[index] === " " || line.text[index] === "\t")) {
    used += line.text[index] === " " ? 1 : 4 - (used % 4);
    index += 1;
  }
  return { text: line.text.slice(index), at: line.at + index };
}

function cellsOf(line) {
  const cells = [];
  const add = (from, to) => {
    const raw = line.text.slice(from, to);
    const lead = raw.length - raw.trimStart().length;
    cells.push({ text: raw.trim(), at: line.at + from + lead });
  };
  const first = /^[ \t]*\|?/.exec(line.text)[0].length;
  let from = first;
  for (let index = first; index < line.text.length; index += 1) {
    if (line.text[index] === "\\") index += 1;
    else if (line.text[index] === "|") {
      add(from, index);
      from = index + 1;
    }
  }
  if (!BLANK.test(line.text.slice(from)) || from === first) add(from, line.text.length);
  return cells;
}

function alignment(text) {
  if (text.endsWith(":")) return text.startsWith(":") ? "center" : "right";
  return text.startsWith(":") ? "left" : "";
}

/** Parse lines of text as one run, in which each character still knows its place in the source. */
function inlineOf(lines, context) {
  const segments = [];
  let text = "";
  lines.forEach((line, index) => {
    const shown = outdent(line, Infinity);
    const isLast = index === lines.length - 1;
    segments.push({ from: text.length, at: shown.at });
    text += isLast ? shown.text.trimEnd() : `${shown.text}\n`;
  });
  const end = segments.at(-1).at + text.length - segments.at(-1).from;
  const locate = (position) => {
    const segment = segments.findLast(({ from }) => from <= position) ?? segments[0];
    return segment.at + position - segment.from;
  };
  return parseInline(text, { locate, growing: context.streaming && end >= context.end, inCell: context.inCell });
}
