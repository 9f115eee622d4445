// What is behind a citation, shown while it is pointed at or focused.

import { h } from "./dom.js";

const GAP_PX = 8;
// Time in which the pointer gets from a citation to the note.
const LINGER_MS = 150;

/** One floating note for all the citations inside `area`. */
export class Preview {
  #area;
  #title = h("strong");
  #note = h("span", { class: "note" });
  #place = h("span", { class: "place" });
  #leaving = 0;

  constructor(area) {
    this.#area = area;
    // Each citation's own label says the same to assistive technology.
    this.element = h("div", { class: "preview", "aria-hidden": "true", hidden: true }, this.#title, this.#note, this.#place);
    for (const event of ["pointerover", "focusin"]) area.addEventListener(event, ({ target }) => this.#reached(target));
    for (const event of ["pointerout", "focusout"]) area.addEventListener(event, () => this.#left());
    area.addEventListener("scroll", () => this.hide(), { capture: true, passive: true });
  }

  /** Take the note away. Returns whether there was one. */
  hide() {
    clearTimeout(this.#leaving);
    const shown = !this.element.hidden;
    this.element.hidden = true;
    return shown;
  }

  #left() {
    clearTimeout(this.#leaving);
    this.#leaving = setTimeout(() => this.hide(), LINGER_MS);
  }

  #reached(target) {
    const citation = target.closest(".cite");
    if (!citation && !this.element.contains(target)) return;
    clearTimeout(this.#leaving);
    if (citation) this.#show(citation);
  }

  #show(citation) {
    this.#title.textContent = citation.dataset.title;
    this.#note.textContent = citation.dataset.note ?? "";
    this.#place.textContent = citation.dataset.place ?? "";
    this.element.hidden = false;
    const area = this.#area.getBoundingClientRect();
    const mark = citation.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const left = Math.max(GAP_PX, Math.min(mark.left - area.left - width / 2, area.width - width - GAP_PX));
    const above = mark.top - area.top - height - GAP_PX;
    const top = above > GAP_PX ? above : mark.bottom - area.top + GAP_PX;
    this.element.style.setProperty("transform", `translate(${Math.round(left)}px, ${Math.round(top)}px)`);
  }
}
