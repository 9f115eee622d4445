// Items of a thread that take a line, or a picture.

import { h, icon, webAddress } from "./dom.js";
import { linkAttributes } from "./message_dom.js";
import { fill } from "./strings.js";

/** A page that the backend asked to open. */
export class ToolCallView {
  #context;

  constructor(context) {
    this.#context = context;
    this.element = h("p", { class: "tool-call" });
  }

  update({ arguments: wanted, output }) {
    const { strings, base } = this.#context;
    const url = webAddress(wanted.url, base);
    this.element.hidden = url === null;
    if (url === null) return;
    const label = fill(output?.opened ? strings.opened : strings.openPage, { title: wanted.heading || url.pathname });
    this.element.replaceChildren(icon("document"), h("a", { ...linkAttributes(url), "data-source": url.href }, label));
  }
}

/** An image that the backend has made. */
export class ImageView {
  #context;

  constructor(context) {
    this.#context = context;
    this.element = h("div", { class: "picture" });
  }

  update({ image }) {
    const source = image ? this.#context.imageAddress(image.url) : null;
    this.element.hidden = source === null;
    if (source) this.element.replaceChildren(h("img", { src: source.href, alt: this.#context.strings.generatedImage, referrerpolicy: "no-referrer" }));
  }
}
