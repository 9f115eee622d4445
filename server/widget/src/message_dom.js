// A parsed message becomes DOM. Nodes hold no listeners, so that they can be patched in place.

import { h, icon, webAddress } from "./dom.js";
import { fill } from "./strings.js";

/**
 * Render a block. `base` is what relative addresses are relative to; `strings` are the widget's
 * words.
 */
export function renderBlock(block, context) {
  switch (block.type) {
    case "heading":
      // The page around the widget owns the upper levels.
      return h(`h${Math.min(6, block.level + 2)}`, {}, renderInlines(block.children, context));
    case "code":
      return renderCode(block, context);
    case "rule":
      return h("hr");
    case "quote":
      return h("blockquote", {}, renderBlocks(block.children, context));
    case "list":
      return h(
        block.ordered ? "ol" : "ul",
        { start: block.ordered && block.first !== 1 ? String(block.first) : null },
        block.children.map((item) => renderItem(item, block, context)),
      );
    case "table":
      return renderTable(block, context);
    default:
      return h("p", {}, renderInlines(block.children, context));
  }
}

function renderBlocks(blocks, context) {
  return blocks.map((block) => renderBlock(block, context));
}

function renderItem(item, list, context) {
  const children = item.children.map((child) =>
    child.type === "paragraph" && !list.loose ? renderInlines(child.children, context) : renderBlock(child, context),
  );
  return h("li", {}, children.flat());
}

function renderCode(block, { strings, ...context }) {
  const language = block.language || strings.codeBlock;
  return h(
    "figure",
    { class: "code" },
    h(
      "figcaption",
      {},
      h("span", {}, language),
      renderInlines(block.citations ?? [], { strings, ...context }),
      h("button", { type: "button", class: "copy-code" }, icon("copy"), h("span", {}, strings.copy)),
    ),
    h("pre", { tabindex: "0" }, h("code", {}, block.value)),
  );
}

function renderTable(table, context) {
  const [header, ...rows] = table.children;
  const cells = (row, tag) =>
    row.children.map((cell, column) => h(tag, { class: table.aligns[column] || null }, renderInlines(cell.children, context)));
  return h(
    "div",
    { class: "table", tabindex: "0" },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, cells(header, "th"))),
      h("tbody", {}, rows.map((row) => h("tr", {}, cells(row, "td")))),
    ),
  );
}

function renderInlines(nodes, context) {
  return nodes.map((node) => renderInline(node, context));
}

function renderInline(node, context) {
  switch (node.type) {
    case "text":
      return node.value;
    case "break":
      return h("br");
    case "code-span":
      return h("code", {}, node.value);
    case "strong":
      return h("strong", {}, renderInlines(node.children, context));
    case "emphasis":
      return h("em", {}, renderInlines(node.children, context));
    case "strike":
      return h("s", {}, renderInlines(node.children, context));
    case "link":
      return renderLink(node, context);
    case "citation":
      return renderCitation(node, context);
    default:
      return "";
  }
}

function renderLink(node, context) {
  const content = node.label ?? renderInlines(node.children, context);
  if (node.href?.startsWith("mailto:")) return h("a", { href: node.href }, content);
  const url = node.href === null ? null : webAddress(node.href, context.base);
  return url ? h("a", linkAttributes(url), content) : h("span", {}, content);
}

/** Attributes of a link: pages of this site open here, all others in a tab of their own. */
export function linkAttributes(url) {
  return url.origin === location.origin
    ? { href: url.href }
    : { href: url.href, target: "_blank", rel: "noopener noreferrer" };
}

function renderCitation({ number, source }, { base, strings }) {
  const url = source.type === "url" ? webAddress(source.url, base) : null;
  const attributes = {
    class: "cite",
    "aria-label": fill(strings.source, { number, title: source.title }),
    "data-title": source.title,
    "data-note": source.description ?? null,
    "data-place": url ? placeName(url) : source.filename ?? null,
  };
  const mark = url
    ? h("a", { ...attributes, ...linkAttributes(url), "data-source": url.href }, String(number))
    : h("span", { ...attributes, role: "note", tabindex: "0" }, String(number));
  return h("sup", {}, mark);
}

function placeName(url) {
  const path = readable(url.pathname).replace(/\/$/, "");
  return url.origin === location.origin ? path || "/" : url.host + path;
}

/** Decode a path as far as it can be; a `%` may stand for itself. */
function readable(path) {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
