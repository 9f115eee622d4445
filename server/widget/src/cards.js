// ChatKit's widgets become DOM. A component of an unknown type shows its children or its text.

import { h, icon, webAddress } from "./dom.js";
import { linkAttributes, renderBlock } from "./message_dom.js";
import { parseMarkdown } from "./markdown.js";

const SPACING_UNIT = 4;
const LENGTH = /^\d+(?:\.\d+)?(?:px|rem|em|%)$/;
const TEXT_COLORS = new Set(["prose", "primary", "emphasis", "secondary", "tertiary", "success", "warning", "danger"]);
const RADII = { none: 0, "2xs": 2, xs: 3, sm: 4, md: 6, lg: 8, xl: 12, "2xl": 16, "3xl": 20, "4xl": 24, full: 999, "100%": 999 };
const DRAWN = {
  check: "check", "check-circle": "check", "external-link": "external", reload: "retry", clock: "clock", plus: "plus",
};

/**
 * Render a widget's root. `act(action, control)` is called when the reader triggers an action that
 * is not simply a link; `base` is what relative addresses are relative to.
 */
export function renderWidget(root, context) {
  return renderComponent(root, context);
}

const COMPONENTS = {
  Card: renderCard,
  Basic: renderBox,
  ListView: renderListView,
  ListViewItem: renderListItem,
  Box: renderBox,
  Row: renderBox,
  Col: renderBox,
  Text: (component) => renderText(component, "p", "text"),
  Title: (component) => renderText(component, "p", "title"),
  Caption: (component) => renderText(component, "p", "caption"),
  Label: (component) => renderText(component, "p", "caption"),
  Badge: (component) => h("span", { class: classes("badge", component.color) }, component.label),
  Markdown: (component, context) =>
    h("div", { class: "markdown" }, parseMarkdown(String(component.value ?? ""), { streaming: component.streaming === true }).map((block) => renderBlock(block, context))),
  Divider: () => h("hr"),
  Spacer: () => h("span", { class: "spacer" }),
  Icon: (component) => (DRAWN[component.name] ? icon(DRAWN[component.name]) : null),
  Image: renderImage,
  Button: renderButton,
};

function renderComponent(component, context) {
  const render = Object.hasOwn(COMPONENTS, component.type) ? COMPONENTS[component.type] : renderUnknown;
  return render(component, context);
}

function renderChildren({ children }, context) {
  return componentsIn(children).map((child) => renderComponent(child, context));
}

/** The components among what a backend, perhaps of a later version, has put in their place. */
function componentsIn(children) {
  return [children].flat().filter((child) => typeof child === "object" && child !== null);
}

function renderUnknown(component, context) {
  const children = renderChildren(component, context).filter(Boolean);
  if (children.length) return h("div", {}, children);
  const text = component.value ?? component.label ?? component.text;
  return typeof text === "string" ? h("p", { class: "text" }, text) : null;
}

function renderCard(card, context) {
  const actions = componentsIn([card.cancel, card.confirm]).map(({ label, action }, index, all) =>
    renderButton({ label, onClickAction: action, style: index === all.length - 1 ? "primary" : "secondary" }, context),
  );
  return h(
    "div",
    { class: "card" },
    renderStatus(card.status),
    renderChildren(card, context),
    actions.length ? h("div", { class: "card-actions" }, actions) : null,
  );
}

function renderStatus(status) {
  return status ? h("p", { class: "caption" }, status.text) : null;
}

function renderListView(list, context) {
  const items = componentsIn(list.children).map((item) => h("li", {}, renderComponent(item, context)));
  const element = h("div", { class: "card list-view" }, renderStatus(list.status), h("ul", {}, items));
  if (typeof list.limit === "number" && items.length > list.limit) {
    const rest = items.slice(list.limit);
    rest.forEach((item) => item.toggleAttribute("hidden", true));
    const showRest = () => {
      rest.forEach((item) => item.toggleAttribute("hidden", false));
      more.remove();
    };
    const more = h("button", { type: "button", class: "more", on: { click: showRest } }, context.strings.more);
    element.append(more);
  }
  return element;
}

function renderListItem(item, context) {
  const content = renderChildren(item, context);
  const box = item.onClickAction
    ? actionControl(item.onClickAction, { class: "list-item" }, content, context)
    : h("div", { class: "list-item" }, content);
  return layOut(box, item);
}

function renderBox(box, context) {
  const row = box.type === "Row" || box.direction === "row";
  return layOut(h("div", { class: row ? "row" : "col" }, renderChildren(box, context)), box);
}

function renderText(component, tag, kind) {
  const element = h(tag, { class: classes(kind, component.size, TEXT_COLORS.has(component.color) ? component.color : null, component.weight) }, component.value);
  if (component.truncate) element.classList.add("truncate");
  if (component.italic) element.classList.add("italic");
  if (component.lineThrough) element.classList.add("line-through");
  if (Number.isInteger(component.maxLines)) {
    element.classList.add("clamped");
    element.style.setProperty("--lines", component.maxLines);
  }
  if (["start", "center", "end"].includes(component.textAlign)) element.style.setProperty("text-align", component.textAlign);
  return element;
}

function renderImage(image, context) {
  const source = context.imageAddress(image.src);
  if (!source) return image.alt ? h("p", { class: "caption" }, image.alt) : null;
  const element = h("img", { src: source.href, alt: image.alt ?? "", loading: "lazy", referrerpolicy: "no-referrer", class: image.frame ? "framed" : null });
  return layOut(element, image);
}

function renderButton(button, context) {
  const variant = button.variant ?? (button.style === "primary" ? "solid" : "outline");
  const content = [button.label ?? ""];
  return actionControl(button.onClickAction, { class: classes("button", variant, button.size), disabled: button.disabled === true }, content, context);
}

/** A link where the action is to open a source, so that it can be opened as any link; else a button. */
function actionControl(action, attributes, content, context) {
  const address = action?.type === "open_source" ? action.payload?.url : null;
  if (typeof address === "string" && address.startsWith("mailto:")) return h("a", { href: address, class: `${attributes.class} source` }, content);
  const url = webAddress(address, context.base);
  if (url) return h("a", { ...linkAttributes(url), "data-source": url.href, class: `${attributes.class} source` }, content);
  const trigger = async () => {
    control.disabled = true;
    try {
      await context.act(action);
    } finally {
      control.disabled = false;
    }
  };
  const control = h("button", { type: "button", ...attributes, on: action ? { click: trigger } : {} }, content);
  return control;
}

/** Set what a component says of its layout, as far as it can't disturb anything around it. */
function layOut(element, component) {
  const set = (property, value) => value !== null && element.style.setProperty(property, value);
  set("gap", lengthOf(component.gap, SPACING_UNIT));
  if (typeof component.padding === "object" && component.padding) {
    const { top, right, bottom, left, x, y } = component.padding;
    Object.entries({ top: top ?? y, right: right ?? x, bottom: bottom ?? y, left: left ?? x }).forEach(([side, value]) =>
      set(`padding-${side}`, lengthOf(value, SPACING_UNIT)),
    );
  } else set("padding", lengthOf(component.padding, SPACING_UNIT));
  for (const name of ["width", "height", "max-width", "max-height"]) {
    const property = name.replace(/-(\w)/, (_, letter) => letter.toUpperCase());
    set(name, lengthOf(component[property] ?? (name.length < 7 ? component.size : undefined), 1));
  }
  if (component.align) set("align-items", FLEX[component.align] ?? null);
  if (component.justify) set("justify-content", FLEX[component.justify] ?? null);
  if (component.wrap === "wrap") set("flex-wrap", "wrap");
  if (Number.isFinite(component.flex)) set("flex", `${component.flex} 1 0`);
  if (component.radius in RADII) set("border-radius", `${RADII[component.radius]}px`);
  return element;
}

const FLEX = {
  start: "flex-start",
  center: "center",
  end: "flex-end",
  baseline: "baseline",
  stretch: "stretch",
  between: "space-between",
  around: "space-around",
  evenly: "space-evenly",
};

function lengthOf(value, unit) {
  if (typeof value === "number" && Number.isFinite(value)) return `${value * unit}px`;
  return typeof value === "string" && LENGTH.test(value) ? value : null;
}

function classes(...names) {
  return names.filter((name) => typeof name === "string" && /^[\w-]+$/.test(name)).join(" ");
}
