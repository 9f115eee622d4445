// Building and patching DOM without ever handing a string to an HTML parser.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  attach: "M19 11.5l-7.300 7.300a4.300 4.300 0 0 1-6.100-6.100l7.600-7.600a2.900 2.900 0 0 1 4.100 4.100l-7.500 7.500a1.400 1.400 0 0 1-2-2l6.700-6.700",
  ask: "M4 5.5h16v11h-8.5L7 20v-3.5H4z M8 9.5h8 M8 12.5h5",
  back: "M14.5 6l-6 6 6 6",
  check: "M5 12.5l4.5 4.5L19 7.5",
  clock: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16z M12 8v4.2l2.8 1.8",
  chevron: "M6.5 9.5L12 15l5.5-5.5",
  close: "M6.5 6.5l11 11 M17.5 6.5l-11 11",
  copy: "M9 9h10v10H9z M15 9V5H5v10h4",
  document: "M7 4h7l4 4v12H7z M14 4v4h4",
  down: "M12 5v13 M6.5 12.5L12 18l5.5-5.5",
  external: "M13.5 5H19v5.5 M19 5l-8 8 M10 6H5v13h13v-5",
  idea: "M12 4l1.700 5.300L19 11l-5.300 1.700L12 18l-1.700-5.300L5 11l5.300-1.700z",
  plus: "M12 5.5v13 M5.5 12h13",
  retry: "M18.5 9.5A7 7 0 1 0 19 13 M19 5v4.6h-4.6",
  quote: "M10 7.500c-3 .8-4.500 3-4.500 6.500h4.500v3H5.500 M18.500 7.500c-3 .8-4.500 3-4.500 6.500h4.500v3H14",
  search: "M10.500 5a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11z M14.600 14.600L19 19",
  send: "M12 19V5.5 M6 11.5l6-6 6 6",
  stop: "M8 8h8v8H8z",
  thumbDown: "M7.5 4.5v9H4v-9z M7.5 13l3.6 6.5c1.4 0 2.2-.9 2.2-2.2V14.500h4.300c1.300 0 2.200-1.200 1.900-2.500l-1.300-5.700c-.2-1-1.100-1.800-2.200-1.800H7.500",
  thumbUp: "M7.500 19.500v-9H4v9z M7.500 11l3.600-6.500c1.400 0 2.200.9 2.200 2.200v2.800h4.300c1.300 0 2.200 1.200 1.900 2.500l-1.300 5.700c-.2 1-1.100 1.800-2.200 1.800H7.500",
  trash: "M5 7h14 M9.500 7V4.500h5V7 M7 7l.8 12.500h8.400L17 7",
  warning: "M12 4.500l8.500 15h-17z M12 10v4.500 M12 16.900v.2",
};

/**
 * Build an element. `on` maps event names to listeners; `true` sets a bare attribute; null and
 * false leave it out. Children are nodes or strings; null and false are skipped.
 */
export function h(tag, { on = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Draw one of the widget's icons; decorative, so hidden from assistive technology. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", class: `icon icon-${name}` })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Build a button that shows an icon alone; `label` is its name and its tooltip. */
export function iconButton(name, label, listener, attributes = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, on: { click: listener }, ...attributes }, icon(name));
}

/** Resolve an address against `base`; null unless it is http or https. */
export function webAddress(address, base) {
  if (typeof address !== "string" || !URL.canParse(address, base)) return null;
  const url = new URL(address, base);
  return url.protocol === "https:" || url.protocol === "http:" ? url : null;
}

/**
 * Turn `current` into `next` by the smallest changes, and return the node that is in the document
 * afterwards. Nodes that stay keep the reader's selection, focus and scroll position.
 */
export function morph(current, next) {
  if (current.nodeName !== next.nodeName) {
    current.replaceWith(next);
    return next;
  }
  if (current.nodeType === Node.TEXT_NODE) {
    if (current.data !== next.data) morphText(current, next.data);
    return current;
  }
  for (const { name } of [...current.attributes]) {
    if (!next.hasAttribute(name)) current.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (current.getAttribute(name) !== value) current.setAttribute(name, value);
  }
  const wanted = [...next.childNodes];
  wanted.forEach((child, index) => {
    const present = current.childNodes[index];
    if (present) morph(present, child);
    else current.append(child);
  });
  while (current.childNodes.length > wanted.length) current.lastChild.remove();
  return current;
}

/** Append when text only grew: replacing it would drop the reader's selection. */
function morphText(node, data) {
  if (data.startsWith(node.data)) node.appendData(data.slice(node.data.length));
  else node.data = data;
}
