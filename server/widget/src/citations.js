// From a message's annotations to numbered marks at positions of its text.

import { webAddress } from "./dom.js";

/** What makes two sources the same one. */
export function sourceKey(source) {
  switch (source.type) {
    case "url":
      return `url ${source.url}`;
    case "file":
      return `file ${source.filename}`;
    default:
      return `${source.type} ${source.id}`;
  }
}

/**
 * Turn positions counted in code points, as the server counts, into positions in UTF-16 units, as
 * strings here are indexed. `positions` ascend; those beyond the text become its end.
 */
export function utf16Offsets(text, positions) {
  const offsets = [];
  let points = 0;
  let offset = 0;
  for (const position of positions) {
    while (points < position && offset < text.length) {
      offset += text.codePointAt(offset) > 0xffff ? 2 : 1;
      points += 1;
    }
    offsets.push(offset);
  }
  return offsets;
}

/** Gives each source of one message its number, by first use. */
export class SourceNumbers {
  #numbers = new Map();

  /** Sources in the order of their numbers. */
  sources = [];

  of(source) {
    const key = sourceKey(source);
    if (!this.#numbers.has(key)) {
      this.#numbers.set(key, this.#numbers.size + 1);
      this.sources.push(source);
    }
    return this.#numbers.get(key);
  }
}

/**
 * Place a text's annotations: `{at, number, source}` by ascending position `at` in UTF-16 units,
 * no source twice at one position. An annotation without an index belongs to the text's end.
 */
export function citationsOf({ text, annotations = [] }, numbers) {
  const sorted = annotations
    .map((annotation) => ({ source: annotation.source, index: annotation.index ?? Infinity }))
    .sort((one, other) => one.index - other.index || 0);
  const offsets = utf16Offsets(text, sorted.map(({ index }) => index));
  const citations = [];
  const seen = new Set();
  sorted.forEach(({ source }, place) => {
    const at = offsets[place];
    const key = `${at} ${sourceKey(source)}`;
    if (seen.has(key)) return;
    seen.add(key);
    citations.push({ at, number: numbers.of(source), source });
  });
  return citations;
}

/**
 * Write a message as Markdown with its citations as `[n]` and a list of the sources, whose addresses
 * are whole: it is pasted elsewhere.
 */
export function messageAsText(item, base) {
  const numbers = new SourceNumbers();
  const texts = item.content.map((part) => {
    let text = part.text;
    for (const { at, number } of citationsOf(part, numbers).reverse()) {
      text = `${text.slice(0, at)}[${number}]${text.slice(at)}`;
    }
    return text.trim();
  });
  const sources = numbers.sources.map((source, index) => {
    const place = webAddress(source.url, base)?.href ?? source.filename ?? "";
    return `[${index + 1}] ${source.title}${place ? `: ${place}` : ""}`;
  });
  return [...texts, sources.join("\n")].filter(Boolean).join("\n\n");
}
