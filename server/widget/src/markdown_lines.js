// Lines of Markdown, each with its place in the source: what every kind of block is read from.

import { parseInline } from "./markdown_inline.js";

export const BLANK = /^[ \t]*$/;

/** Split a source into its lines: `{text, at}`. */
export function splitLines(source) {
  const lines = [];
  let at = 0;
  for (const text of source.split(/\r\n|\n|\r/)) {
    lines.push({ text, at });
    at += text.length;
    at += source.startsWith("\r\n", at) ? 2 : 1;
  }
  return lines;
}

/** Make the block that lines from `index` up to `next` become, and say where the next begins. */
export function container(type, lines, index, next, fields) {
  return { node: { type, ...fields, start: lines[index].at, end: textEnd(lines, index, next) }, next };
}

/** Where the text of such lines ends: blank lines at their end are none of it. */
export function textEnd(lines, index, next) {
  let last = next - 1;
  while (last > index && BLANK.test(lines[last].text)) last -= 1;
  return lines[last].at + lines[last].text.length;
}

/** Count the columns of white space that a line begins with. */
export function indentOf(text) {
  let columns = 0;
  for (const character of text) {
    if (character === " ") columns += 1;
    else if (character === "\t") columns += 4 - (columns % 4);
    else break;
  }
  return columns;
}

/** Take up to so many columns of white space off a line's beginning. */
export function outdent(line, columns) {
  let used = 0;
  let index = 0;
  while (used < columns && (line.text[index] === " " || line.text[index] === "\t")) {
    used += line.text[index] === " " ? 1 : 4 - (used % 4);
    index += 1;
  }
  return { text: line.text.slice(index), at: line.at + index };
}

/** Parse lines of text as one run, in which each character still knows its place in the source. */
export function inlineOf(lines, context) {
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
