// What is behind a citation, shown while it is pointed at or focused.

import { h } from "./dom.js";

const GAP_PX = 8;

/** One floating note for all the citations inside `area`. */
export class Preview {
  #area;
  #title = h("strong");
  #note = h("span", { class: "note" });
  #place = h("span", { class: "place" });

  constructor(area) {
    this.#area = area;
    // Each citation's own label says the same to assistive technology.
    this.element = h("div", { class: "preview", "aria-hidden": "true", hidden: true }, this.#title, this.#note, this.#place);
    for (const event of ["pointerover", "focusin"]) area.addEventListener(event, ({ target }) => this.#show(target.closest(".cite")));
    for (const event of ["pointerout", "focusout"]) area.addEventListener(event, () => this.hide());
    area.addEventListener("scroll", () => this.hide(), { capture: true, passive: true });
  }

  hide() {
    this.element.hidden = true;
  }

  #show(citation) {
    if (!citation) return;
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
