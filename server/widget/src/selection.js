// Text that is selected on the page can be asked about.

import { h, icon } from "./dom.js";

const LONGEST = 2000;
const SHORTEST = 2;
const DISTANCE_PX = 8;
const PAUSE_MS = 150;
const CONTENT = "main, article, [role='main']";

/** Offers a button at the end of a selection in the page's own text; `onAsk` gets what was selected. */
export class SelectionAsk {
  #host;
  #onAsk;
  #timer = null;
  #pressed = false;

  constructor({ host, strings, onAsk }) {
    this.#host = host;
    this.#onAsk = onAsk;
    const keep = (event) => event.preventDefault();
    this.element = h(
      "button",
      // Pressing it must not end the selection.
      { type: "button", class: "ask-about", hidden: true, on: { pointerdown: keep, mousedown: keep, click: () => this.#ask() } },
      icon("quote"),
      h("span", {}, strings.askAbout),
    );
  }

  /** Watch the page until `signal` is aborted. */
  start(signal) {
    const options = { signal, passive: true };
    document.addEventListener("selectionchange", () => this.#changed(), options);
    document.addEventListener("pointerdown", () => (this.#pressed = true), options);
    for (const event of ["pointerup", "pointercancel"]) {
      document.addEventListener(
        event,
        () => {
          this.#pressed = false;
          this.#changed();
        },
        options,
      );
    }
    window.addEventListener("scroll", () => this.#hide(), { ...options, capture: true });
    window.addEventListener("resize", () => this.#hide(), options);
  }

  /** Take what is selected in the page's text, or null. */
  take() {
    const text = this.#range() ? selectedText() : null;
    this.#hide();
    return text;
  }

  #ask() {
    const text = this.take();
    if (text) this.#onAsk(text);
  }

  #changed() {
    clearTimeout(this.#timer);
    this.#hide();
    // While it is being made, nothing is in the way of it.
    if (!this.#pressed) this.#timer = setTimeout(() => this.#show(), PAUSE_MS);
  }

  #hide() {
    this.element.hidden = true;
  }

  #show() {
    const range = this.#range();
    const last = range ? [...range.getClientRects()].at(-1) : undefined;
    if (!last || last.bottom < 0 || last.top > window.innerHeight) return;
    this.element.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const left = Math.max(DISTANCE_PX, Math.min(last.right - width / 2, document.documentElement.clientWidth - width - DISTANCE_PX));
    const below = last.bottom + DISTANCE_PX;
    const top = below + height > window.innerHeight ? last.top - height - DISTANCE_PX : below;
    this.element.style.setProperty("transform", `translate(${Math.round(left)}px, ${Math.round(top)}px)`);
  }

  #range() {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
    const range = selection.getRangeAt(0);
    const node = range.commonAncestorContainer;
    const element = node instanceof Element ? node : node.parentElement;
    const isText = element && !this.#host.contains(element) && !element.closest("input, textarea, [contenteditable]");
    // Menus and headers are no text to ask about, where a page says which part of it is.
    const inContent = document.querySelector(CONTENT) === null || element?.closest(CONTENT);
    return isText && inContent && selectedText().length >= SHORTEST ? range : null;
  }
}

/** The selection as it is shown: with line breaks between blocks, which a range's text has not. */
function selectedText() {
  const text = document.getSelection().toString().trim();
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
