// Where the reader writes.

import { h, icon } from "./dom.js";

const MAX_HEIGHT_PX = 168;

/** The field and its button, which sends, and stops while an answer is being written. */
export class Composer {
  #field;
  #button;
  #strings;
  #stopping = false;
  #onSend;
  #onStop;

  constructor({ strings, placeholder, onSend, onStop }) {
    this.#strings = strings;
    this.#onSend = onSend;
    this.#onStop = onStop;
    this.#field = h("textarea", {
      rows: "1",
      placeholder,
      "aria-label": strings.question,
      enterkeyhint: "send",
      autocomplete: "off",
      on: { input: () => this.#changed(), keydown: (event) => this.#key(event) },
    });
    this.#button = h("button", { class: "send", type: "submit" });
    this.element = h(
      "form",
      { class: "composer", on: { submit: (event) => this.#submit(event) } },
      h("div", { class: "field" }, this.#field, this.#button),
      h("p", { class: "caution" }, strings.caution),
    );
    this.update({ busy: false, canStop: true, loading: false, thread: null });
  }

  focus() {
    this.#field.focus();
  }

  /** Put back a question that was not sent, unless the reader has begun another. */
  restore(text) {
    if (this.#field.value.trim()) return;
    this.#field.value = text;
    this.#changed();
  }

  update({ busy, canStop, loading, thread }) {
    this.#stopping = busy;
    const label = busy ? this.#strings.stop : this.#strings.send;
    if (this.#button.ariaLabel !== label) {
      this.#button.ariaLabel = label;
      this.#button.title = label;
      this.#button.replaceChildren(icon(busy ? "stop" : "send"));
    }
    const closed = thread !== null && thread.status.type !== "active";
    this.#field.disabled = closed;
    // Not `disabled`: that would drop the focus of a reader who has just pressed it.
    this.#button.ariaDisabled = String(busy ? !canStop : closed || loading || !this.#field.value.trim());
  }

  #changed() {
    this.#field.style.height = "auto";
    this.#field.style.height = `${Math.min(this.#field.scrollHeight, MAX_HEIGHT_PX)}px`;
    if (!this.#stopping) this.#button.ariaDisabled = String(!this.#field.value.trim());
  }

  #key(event) {
    // While an input method composes a word, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!this.#stopping) this.#submit(event);
  }

  #submit(event) {
    event.preventDefault();
    if (this.#button.ariaDisabled === "true") return;
    if (this.#stopping) {
      this.#onStop();
      return;
    }
    const text = this.#field.value.trim();
    this.#field.value = "";
    this.#changed();
    this.#onSend(text);
  }
}
