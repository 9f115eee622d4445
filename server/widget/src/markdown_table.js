// Tables of Markdown.

import { BLANK, container, inlineOf } from "./markdown_lines.js";

const TABLE_LINE = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const TABLE_LINE_BEGUN = /^[ \t]*\|?[-:| \t]*$/;

/** Read the table that begins at a line; null where none does. */
export function table(lines, index, context) {
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

/** Tell whether a line is the header of a table, as a paragraph's next line may be. */
export function beginsTable(lines, index) {
  const divider = lines[index + 1]?.text ?? "";
  return lines[index].text.includes("|") && TABLE_LINE.test(divider) && divider.includes("|");
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
