// The text inside a block: emphasis, code, links. See markdown.js for what nodes are.

// Deeper emphasis is no longer emphasis, and would only exhaust the stack.
const MAX_EMPHASIS = 16;

const PUNCTUATION = /[!-/:-@[-`{-~]/;
const SEPARATES = /[\s\p{P}\p{S}]/u;
const SPACE = /\s/;
const AUTOLINK = /<((?:https?:\/\/|mailto:)[^\s<>]*)>/y;
const ADDRESS = /https?:\/\/[^\s<>`]+/y;
const DESTINATION =
  /\([ \t\n]*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*))(?:[ \t\n]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t\n]*\)/y;
const ENTITY = /&(?:(amp|lt|gt|quot|apos|nbsp)|#(\d{1,7})|#[xX]([\da-fA-F]{1,6}));/y;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

/**
 * Parse a run of text. `locate` maps its positions to the source's; `growing` closes what is still
 * open at the end; in a cell of a table, code can't hold a bare `|`, so an escaped one stands for it.
 */
export function parseInline(text, { locate, growing = false, inLink = false, inCell = false }) {
  const nodes = [];
  let index = 0;
  let plainFrom = 0;

  const add = (from, to, node) => {
    if (plainFrom < from) nodes.push({ type: "text", value: text.slice(plainFrom, from), from: plainFrom, to: from });
    if (node) nodes.push({ ...node, from, to });
    plainFrom = to;
    index = to;
  };

  while (index < text.length) {
    const taken = special(text, index, { locate, growing, inLink, inCell });
    if (!taken) index += 1;
    else add(taken.from ?? index, taken.to, taken.node);
  }
  add(text.length, text.length, null);
  return resolveEmphasis(nodes, growing).map((node) => located(node, locate));
}

function located({ from, to, depth, ...node }, locate) {
  const start = locate(from);
  const end = to > from ? locate(to - 1) + 1 : start;
  const children = node.children && node.type !== "link" ? node.children.map((child) => located(child, locate)) : node.children;
  return children ? { ...node, children, start, end } : { ...node, start, end };
}

/** Recognise what begins at a character: `{node, to}`, or null where it is plain text. */
function special(text, index, options) {
  switch (text[index]) {
    case "\\":
      return escaped(text, index);
    case "\n":
      return lineBreak(text, index);
    case "`":
      return codeSpan(text, index, options);
    case "[":
      return options.inLink ? null : link(text, index, index, options);
    case "!":
      return text[index + 1] === "[" ? link(text, index, index + 1, options) : null;
    case "<":
      return options.inLink ? null : autolink(text, index);
    case "h":
      return options.inLink ? null : bareAddress(text, index);
    case "&":
      return entity(text, index);
    case "*":
    case "_":
    case "~":
      return delimiterRun(text, index);
    default:
      return null;
  }
}

function escaped(text, index) {
  const next = text[index + 1];
  if (next === "\n") return { node: { type: "break" }, to: index + 2 };
  if (next === undefined || !PUNCTUATION.test(next)) return null;
  return { node: { type: "text", value: next, whole: true }, to: index + 2 };
}

function lineBreak(text, index) {
  const spaces = / *$/.exec(text.slice(0, index))[0].length;
  return spaces >= 2
    ? { node: { type: "break" }, from: index - spaces, to: index + 1 }
    : { node: { type: "text", value: " ", whole: true }, from: index - spaces, to: index + 1 };
}

function codeSpan(text, index, { growing, inCell }) {
  const [marker] = /^`+/.exec(text.slice(index));
  const from = index + marker.length;
  const closing = new RegExp(`(?<!\`)${marker}(?!\`)`, "g");
  closing.lastIndex = from;
  const found = closing.exec(text);
  if (!found && !growing) return { node: { type: "text", value: marker }, to: from };
  let value = text.slice(from, found ? found.index : text.length).replaceAll("\n", " ");
  if (/^ .*[^ ].* $/.test(value)) value = value.slice(1, -1);
  if (inCell) value = value.replaceAll("\\|", "|");
  const to = found ? found.index + marker.length : text.length;
  return { node: value ? { type: "code-span", value } : null, to };
}

/** Read a link, or an image, which becomes a link to it: answers load nothing by themselves. */
function link(text, index, bracket, { locate, growing }) {
  const close = closingBracket(text, bracket);
  const label = (to) => parseInline(text.slice(bracket + 1, to), { locate: (position) => locate(bracket + 1 + position), growing: growing && to === text.length, inLink: true });
  if (close < 0) {
    const begun = growing && bracket + 1 < text.length;
    return begun ? { node: { type: "link", href: null, children: label(text.length) }, to: text.length } : null;
  }
  DESTINATION.lastIndex = close + 1;
  const found = DESTINATION.exec(text);
  if (found) {
    const href = (found[1] ?? found[2]).replace(/\\([!-/:-@[-`{-~])/g, "$1");
    return { node: { type: "link", href, children: label(close) }, to: DESTINATION.lastIndex };
  }
  const begun = growing && text[close + 1] === "(" && !text.includes(")", close + 1);
  return begun ? { node: { type: "link", href: null, children: label(close) }, to: text.length } : null;
}

function closingBracket(text, bracket) {
  let depth = 0;
  for (let index = bracket; index < text.length; index += 1) {
    const character = text[index];
    if (character === "\\") index += 1;
    else if (character === "`") {
      const span = codeSpan(text, index, { growing: false });
      index = span.to - 1;
    } else if (character === "[") depth += 1;
    else if (character === "]") {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return -1;
}

function autolink(text, index) {
  AUTOLINK.lastIndex = index;
  const found = AUTOLINK.exec(text);
  return found ? { node: { type: "link", href: found[1], label: found[1].replace(/^mailto:/, "") }, to: AUTOLINK.lastIndex } : null;
}

function bareAddress(text, index) {
  if (index > 0 && /[\p{L}\p{N}_]/u.test(text[index - 1])) return null;
  ADDRESS.lastIndex = index;
  const found = ADDRESS.exec(text);
  if (!found) return null;
  let address = found[0].replace(/[?!.,:;*_~'"]+$/, "");
  while (address.endsWith(")") && count(address, ")") > count(address, "(")) address = address.slice(0, -1);
  address = address.replace(/[?!.,:;*_~'"]+$/, "");
  return { node: { type: "link", href: address, label: address }, to: index + address.length };
}

function count(text, character) {
  return text.split(character).length - 1;
}

function entity(text, index) {
  ENTITY.lastIndex = index;
  const found = ENTITY.exec(text);
  if (!found) return null;
  const point = found[2] ? Number(found[2]) : parseInt(found[3], 16);
  const valid = found[1] || (point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff));
  const value = found[1] ? ENTITIES[found[1]] : valid ? String.fromCodePoint(point) : "\ufffd";
  return { node: { type: "text", value, whole: true }, to: ENTITY.lastIndex };
}

function delimiterRun(text, index) {
  const character = text[index];
  let to = index;
  while (text[to] === character) to += 1;
  const length = to - index;
  if (character === "~" && length !== 2) return { node: { type: "text", value: text.slice(index, to) }, to };
  const before = text[index - 1] ?? " ";
  const after = text[to] ?? " ";
  const opens = !SPACE.test(after) && (!SEPARATES.test(after) || SEPARATES.test(before));
  const closes = !SPACE.test(before) && (!SEPARATES.test(before) || SEPARATES.test(after));
  const canOpen = character === "_" ? opens && (!closes || SEPARATES.test(before)) : opens;
  const canClose = character === "_" ? closes && (!opens || SEPARATES.test(after)) : closes;
  return { node: { type: "delimiter", character, length, total: length, canOpen, canClose }, to };
}

/** Pair the delimiter runs by CommonMark's rules; what finds no partner is text. */
function resolveEmphasis(nodes, growing) {
  let place = 0;
  while (place < nodes.length) {
    const closer = nodes[place];
    const partner = closer.type === "delimiter" && closer.canClose ? partnerOf(nodes, place) : -1;
    if (partner < 0) {
      place += 1;
      continue;
    }
    if (depthOf(nodes.slice(partner + 1, place)) >= MAX_EMPHASIS) {
      closer.canClose = false;
      continue;
    }
    const opener = nodes[partner];
    const size = Math.min(2, opener.length, closer.length);
    const inside = nodes.splice(partner + 1, place - partner - 1).map(asText);
    nodes.splice(partner + 1, 0, emphasis(opener.character, size, inside, opener.to - size, closer.from + size));
    opener.length -= size;
    opener.to -= size;
    closer.length -= size;
    closer.from += size;
    place = partner + 2;
    if (closer.length === 0) nodes.splice(place, 1);
    if (opener.length === 0) {
      nodes.splice(partner, 1);
      place -= 1;
    }
  }
  if (growing) closeOpen(nodes, MAX_EMPHASIS - depthOf(nodes));
  return nodes.map(asText);
}

function partnerOf(nodes, place) {
  const closer = nodes[place];
  for (let index = place - 1; index >= 0; index -= 1) {
    const opener = nodes[index];
    if (opener.type !== "delimiter" || opener.character !== closer.character || !opener.canOpen) continue;
    const ambiguous = opener.canClose || closer.canOpen;
    const sum = opener.total + closer.total;
    if (ambiguous && sum % 3 === 0 && (opener.total % 3 !== 0 || closer.total % 3 !== 0)) continue;
    return index;
  }
  return -1;
}

function emphasis(character, size, children, from, to) {
  const type = character === "~" ? "strike" : size === 2 ? "strong" : "emphasis";
  return { type, children, depth: depthOf(children) + 1, from, to };
}

function depthOf(nodes) {
  return nodes.reduce((deepest, { depth = 0 }) => Math.max(deepest, depth), 0);
}

/** Treat an unpaired opener as if its closer came at the end, which it is about to. */
function closeOpen(nodes, levels) {
  const last = nodes.at(-1);
  if (last?.type === "delimiter" && !last.canClose) nodes.pop();
  const index = nodes.findIndex((node) => node.type === "delimiter" && node.canOpen);
  if (index < 0 || index === nodes.length - 1 || levels <= 0) return;
  const opener = nodes[index];
  const inside = nodes.splice(index + 1);
  closeOpen(inside, levels - 1);
  const size = Math.min(2, opener.length);
  nodes.splice(index, 1, emphasis(opener.character, size, inside.map(asText), opener.from, inside.at(-1).to));
}

function asText(node) {
  return node.type === "delimiter"
    ? { type: "text", value: node.character.repeat(node.length), from: node.from, to: node.to }
    : node;
}
