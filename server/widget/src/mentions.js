// Mentions of pages: `@` in the field offers pages by their titles, and the chosen one becomes a tag.

import { h, icon } from "./dom.js";
import { fill } from "./strings.js";

const DEBOUNCE_MS = 120;
// A mention begins a word; its query is a few words of a title.
const BEGUN = /(?:^|[\s(])@((?:[\p{L}\p{N}._-]+ ){0,3}[\p{L}\p{N}._-]*)$/u;

/**
 * Completes mentions in a text field. `search(query, {signal})` finds pages as `{id, title, data}`;
 * `announce` says a text to assistive technology; `onPick` is called when a tag has been written.
 */
export class Mentions {
  #field;
  #search;
  #strings;
  #announce;
  #onPick;
  #tags = [];
  #found = [];
  #active = 0;
  #timer = null;
  #request = null;

  constructor({ field, search, strings, announce, onPick }) {
    this.#field = field;
    this.#search = search;
    this.#strings = strings;
    this.#announce = announce;
    this.#onPick = onPick;
    this.element = h("ul", { class: "suggestions", id: "suggestions", role: "listbox", "aria-label": strings.pages, hidden: true });
    field.setAttribute("aria-autocomplete", "list");
    field.addEventListener("input", () => this.#look());
    field.addEventListener("blur", () => this.close());
  }

  /** Handle a key while pages are offered; returns whether it was one of theirs. */
  key(event) {
    if (event.key === "Backspace" && this.#removeTag()) return true;
    if (this.element.hidden) return false;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) this.#activate((this.#active + steps[event.key] + this.#found.length) % this.#found.length);
    else if (event.key === "Enter" || event.key === "Tab") this.#pick(this.#active);
    else if (event.key === "Escape") this.close();
    else return false;
    return true;
  }

  /** Split a text into the parts of a message: words, and the tags among them. */
  parts(text) {
    const parts = [];
    const add = (words) => words && parts.push({ type: "input_text", text: words });
    let rest = text;
    for (let tag = this.#firstIn(rest); tag; tag = this.#firstIn(rest)) {
      const { at, id, title, data } = tag;
      add(rest.slice(0, at));
      parts.push({ type: "input_tag", id, text: title, data, interactive: true });
      rest = rest.slice(at + title.length + 1);
    }
    add(rest);
    return parts;
  }

  /** Know the tags of a message that is being written again. */
  restore(parts) {
    for (const { type, id, text: title, data } of parts) if (type === "input_tag") this.#tags.push({ id, title, data });
  }

  /** Begin anew: the message has been sent. */
  forget() {
    this.#tags = [];
    this.close();
  }

  /** Offer nothing any more. */
  close() {
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.element.hidden = true;
    for (const name of ["role", "aria-expanded", "aria-controls", "aria-activedescendant"]) this.#field.removeAttribute(name);
  }

  #firstIn(text) {
    const found = this.#tags.map((tag) => ({ ...tag, at: text.indexOf(`@${tag.title}`) })).filter(({ at }) => at >= 0);
    // Of two that begin at one place, the longer title is meant.
    return found.sort((one, other) => one.at - other.at || other.title.length - one.title.length)[0];
  }

  #before() {
    return this.#field.value.slice(0, this.#field.selectionStart);
  }

  #look() {
    clearTimeout(this.#timer);
    this.#request?.abort();
    const begun = BEGUN.exec(this.#before());
    // What is written behind a tag is no query.
    if (!begun || this.#tags.some(({ title }) => begun[1].startsWith(title))) this.close();
    else this.#timer = setTimeout(() => this.#find(begun[1]), DEBOUNCE_MS);
  }

  async #find(query) {
    const { signal } = (this.#request = new AbortController());
    // A backend that knows no pages has none to offer.
    const found = await this.#search(query, { signal }).catch(() => []);
    if (signal.aborted) return;
    this.#found = found;
    if (found.length === 0) this.close();
    else this.#show();
  }

  #show() {
    const option = ({ title, data }, index) =>
      h(
        "li",
        {
          role: "option",
          id: `suggestion-${index}`,
          on: {
            // The field keeps the focus.
            pointerdown: (event) => event.preventDefault(),
            click: () => this.#pick(index),
          },
        },
        icon("document"),
        h("span", { class: "truncate" }, title),
        data?.path ? h("span", { class: "place truncate" }, data.path) : null,
      );
    this.element.replaceChildren(...this.#found.map(option));
    this.element.hidden = false;
    // Only while there is a list to choose from: else this is a field like any other.
    this.#field.setAttribute("role", "combobox");
    this.#field.setAttribute("aria-expanded", "true");
    this.#field.setAttribute("aria-controls", "suggestions");
    this.#activate(0);
    this.#announce(fill(this.#strings.pagesFound, { count: this.#found.length }));
  }

  #activate(index) {
    this.#active = index;
    [...this.element.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === index)));
    this.element.children[index].scrollIntoView({ block: "nearest" });
    this.#field.setAttribute("aria-activedescendant", `suggestion-${index}`);
  }

  #pick(index) {
    const { id, title, data = {} } = this.#found[index];
    const end = this.#field.selectionStart;
    const start = end - BEGUN.exec(this.#before())[1].length - 1;
    if (!this.#tags.some((tag) => tag.id === id)) this.#tags.push({ id, title, data });
    this.#field.setRangeText(`@${title} `, start, end, "end");
    this.close();
    this.#onPick();
  }

  /** Remove the tag that the caret stands behind, as one character. */
  #removeTag() {
    const { selectionStart: end, selectionEnd } = this.#field;
    const tag = this.#tags.find(({ title }) => this.#before().endsWith(`@${title}`));
    if (!tag || end !== selectionEnd) return false;
    this.#field.setRangeText("", end - tag.title.length - 1, end, "end");
    this.close();
    this.#onPick();
    return true;
  }
}
