// Where the reader writes.

import { DraftFiles } from "./draft_files.js";
import { h, icon, iconButton } from "./dom.js";
import { Mentions } from "./mentions.js";
import { messageText } from "./messages.js";

const MAX_HEIGHT_PX = 168;

/**
 * The field and its button, which sends, and stops while an answer is being written. `models` is
 * what a model is chosen by; `onSend` gets a message; `search` finds pages to mention; `announce`
 * says a text to assistive technology.
 */
export class Composer {
  #field;
  #marks = h("div", { class: "marks", "aria-hidden": "true" });
  #button;
  #quote = h("div", { class: "quoted", hidden: true });
  #refusal = h("p", { class: "refusal", role: "alert", hidden: true });
  #strings;
  #mentions;
  #files = null;
  #tray = h("div", { class: "tray" });
  #state = { busy: false, canStop: true, loading: false, thread: null };
  #quoted = null;
  #onSend;
  #onStop;

  constructor({ strings, placeholder, models, search, announce, onSend, onStop }) {
    this.#strings = strings;
    this.#onSend = onSend;
    this.#onStop = onStop;
    this.#field = h("textarea", {
      rows: "1",
      dir: "auto",
      placeholder,
      "aria-label": strings.question,
      enterkeyhint: "send",
      autocomplete: "off",
      on: { input: () => this.#changed(), keydown: (event) => this.#key(event), scroll: () => this.#alignMarks(), paste: (event) => this.#paste(event) },
    });
    this.#mentions = new Mentions({ field: this.#field, search, strings, announce, onPick: () => this.#changed() });
    this.#button = h("button", { class: "send", type: "submit" });
    this.element = h(
      "form",
      {
        class: "composer",
        on: { submit: (event) => this.#submit(event), dragover: (event) => this.#drag(event), dragleave: () => this.#drop(null), drop: (event) => this.#drop(event) },
      },
      this.#mentions.element,
      this.#refusal,
      h("div", { class: "field" }, this.#quote, this.#tray, h("div", { class: "line" }, h("div", { class: "writing" }, this.#marks, this.#field), this.#button), models),
      h("p", { class: "caution", dir: "auto" }, strings.caution),
    );
    this.update(this.#state);
  }

  focus() {
    this.#field.focus();
  }

  /** Let the reader attach files, which `uploads` takes. */
  allowFiles(uploads) {
    this.#files = new DraftFiles({ uploads, strings: this.#strings });
    this.#tray.replaceChildren(this.#files.list);
    this.#field.parentElement.before(this.#files.button, this.#files.input);
    uploads.addEventListener("change", () => this.update(this.#state));
    uploads.addEventListener("refused", ({ detail }) => this.refuse(detail));
  }

  /** Let the next message refer to a text. */
  quote(text) {
    this.#quoted = text;
    const drop = () => {
      this.quote(null);
      this.focus();
    };
    this.#quote.hidden = text === null;
    this.#quote.replaceChildren(...(text === null ? [] : [icon("quote"), h("blockquote", { dir: "auto" }, text), iconButton("close", this.#strings.removeQuote, drop)]));
  }

  /** Say why something is not taken, until the reader goes on writing. */
  refuse(text) {
    this.#refusal.textContent = text;
    this.#refusal.hidden = false;
  }

  /** Put back a message that was not sent, unless the reader has begun another. Returns whether it is back. */
  restore(message) {
    if (this.#field.value.trim()) return false;
    this.#mentions.restore(message.content);
    this.#field.value = messageText(message);
    this.quote(message.quoted_text);
    this.#files?.uploads.restore(message.attachments);
    this.#changed();
    return true;
  }

  update(state) {
    this.#state = state;
    const { busy, canStop, loading, thread } = state;
    const label = busy ? this.#strings.stop : this.#strings.send;
    if (this.#button.ariaLabel !== label) {
      this.#button.ariaLabel = label;
      this.#button.title = label;
      this.#button.replaceChildren(icon(busy ? "stop" : "send"));
    }
    const closed = thread !== null && thread.status.type !== "active";
    this.#field.disabled = closed;
    const unready = !this.#field.value.trim() || this.#files?.uploads.busy;
    // Not `disabled`: that would drop the focus of a reader who has just pressed it.
    this.#button.ariaDisabled = String(Boolean(busy ? !canStop : closed || loading || unready));
  }

  #changed() {
    this.#field.style.height = "auto";
    this.#field.style.height = `${Math.min(this.#field.scrollHeight, MAX_HEIGHT_PX)}px`;
    this.#refusal.hidden = true;
    const parts = this.#mentions.parts(this.#field.value);
    this.#marks.replaceChildren(...parts.map(({ type, text }) => (type === "input_tag" ? h("mark", {}, `@${text}`) : text)));
    this.#alignMarks();
    this.update(this.#state);
  }

  /** Keep what is drawn behind the mentions where they are. */
  #alignMarks() {
    this.#marks.style.width = `${this.#field.clientWidth}px`;
    this.#marks.scrollTop = this.#field.scrollTop;
  }

  #key(event) {
    // While an input method composes a word, keys belong to it.
    if (event.isComposing) return;
    if (this.#mentions.key(event)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (!this.#state.busy) this.#submit(event);
    }
  }

  #paste(event) {
    const { files } = event.clipboardData;
    // A copied cell or paragraph comes as a picture too; its text is what is meant.
    if (!this.#files || files.length === 0 || event.clipboardData.getData("text/plain")) return;
    event.preventDefault();
    this.#files.uploads.add(files);
  }

  #drag(event) {
    if (!this.#files || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    this.element.classList.add("dropping");
  }

  #drop(event) {
    this.element.classList.remove("dropping");
    if (!event || !this.#files || event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    this.#files.uploads.add(event.dataTransfer.files);
    this.focus();
  }

  #submit(event) {
    event.preventDefault();
    if (this.#button.ariaDisabled === "true") return;
    if (this.#state.busy) {
      this.#onStop();
      return;
    }
    const message = {
      content: this.#mentions.parts(this.#field.value.trim()),
      attachments: this.#files?.uploads.take() ?? [],
      quoted_text: this.#quoted,
    };
    this.#field.value = "";
    this.#mentions.forget();
    this.quote(null);
    this.#changed();
    this.#onSend(message);
  }
}
