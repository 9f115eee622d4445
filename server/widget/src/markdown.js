// Markdown becomes a tree of blocks: what a language model writes, not all of CommonMark. Raw HTML,
// reference links and underlined headings are left as text.
//
// Every node has `start` and `end`, its place in the source in UTF-16 units, so that citations can
// be put in later. `streaming` says that the source is still growing: what is open at its end, such
// as a half-written link or emphasis, is then shown as what it is about to be.

import { BLANK, container, indentOf, inlineOf, outdent, splitLines, textEnd } from "./markdown_lines.js";
import { beginsTable, table } from "./markdown_table.js";

const MAX_DEPTH = 12;
const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const QUOTE = /^ {0,3}>[ ]?/;
const ITEM = /^([ \t]*)([-*+]|(\d{1,9})[.)])(?:([ \t]+)(?=\S)|[ \t]*$)/;

/** Parse Markdown into its blocks. */
export function parseMarkdown(source, { streaming = false } = {}) {
  const context = { end: source.trimEnd().length, streaming };
  return parseBlocks(splitLines(source), context, 0);
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
    const end = textEnd(lines, start, next);
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

/** Tell whether a line ends the paragraph before it. */
function interrupts(lines, index, depth) {
  const { text } = lines[index];
  if (FENCE.test(text) || HEADING.test(text) || RULE.test(text)) return true;
  if (depth >= MAX_DEPTH) return false;
  const marker = itemMarker(lines[index]);
  const startsList = marker && marker.indent < 4 && marker.rest.text && (marker.number === null || marker.number === 1);
  return QUOTE.test(text) || Boolean(startsList) || beginsTable(lines, index);
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
