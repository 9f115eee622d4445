// The panel: header, conversation or history, composer.

import { copyText } from "./clipboard.js";
import { Composer } from "./composer.js";
import { h, icon, iconButton, webAddress } from "./dom.js";
import { HistoryView } from "./history_view.js";
import { plainMessage } from "./messages.js";
import { ModelPicker } from "./model_picker.js";
import { Preview } from "./preview.js";
import { ThreadView } from "./thread_view.js";
import { Uploads } from "./uploads.js";

const COPIED_MS = 1600;

/**
 * Builds the panel of a conversation and keeps it up to date. `client` is for what is no part of a
 * conversation: pages to mention, files, what the backend takes; `memory` keeps what the reader
 * prefers. `config` has `title`, `placeholder` and `starters`; `base` is what relative addresses are
 * relative to; `onClose`, `onSource(url, event)` and `onAction(action, item)` are told what the
 * reader does.
 */
export class Panel {
  #client;
  #conversation;
  #strings;
  #config;
  #onSource;
  #onAction;
  #composer;
  #models;
  #preview;
  #thread;
  #history;
  #welcome;
  #title = h("h2", { id: "title" });
  #announcer = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
  #feedback = new Map();
  #drawing = false;
  #spoken = "";

  constructor({ client, memory, conversation, strings, config, base, onClose, onSource, onAction }) {
    this.#client = client;
    this.#conversation = conversation;
    this.#strings = strings;
    this.#config = config;
    this.#title.append(config.title);
    this.#onSource = onSource;
    this.#onAction = onAction;
    const context = this.#viewContext(base);
    this.#thread = new ThreadView(context);
    this.#history = new HistoryView({ strings, conversation, onOpen: (id) => this.#openThread(id) });
    this.#welcome = this.#buildWelcome();
    this.#thread.scroller.prepend(this.#welcome);
    this.#models = new ModelPicker({ strings, memory });
    this.#composer = new Composer({
      strings,
      models: this.#models.element,
      placeholder: config.placeholder,
      search: (query, options) => this.#findPages(query, options),
      announce: (text) => this.#announce(text),
      onSend: (message) => this.#send(message),
      onStop: () => conversation.stop(),
    });
    this.element = this.#build(onClose);
    this.#preview = new Preview(this.element);
    this.element.append(this.#preview.element, this.#announcer);
    conversation.addEventListener("change", () => this.#changed());
    conversation.addEventListener("unsent", (event) => this.#composer.restore(event.detail) || event.preventDefault());
    conversation.addEventListener("refused", ({ detail }) => this.#composer.refuse(detail));
    conversation.addEventListener("modelrefused", () => {
      this.#models.withdraw();
      this.#composer.refuse(strings.modelRefused);
    });
    this.#draw();
  }

  /** Send a question and show the conversation. */
  ask(text) {
    this.#send(plainMessage(text));
  }

  /** Let the next question refer to a text. */
  quote(text) {
    this.showHistory(false);
    this.#composer.quote(text);
  }

  /** Offer what this backend takes besides words. */
  async learnFeatures() {
    // A backend that doesn't tell takes nothing else.
    const { attachments = null, models = [] } = await this.#client.get("features").catch(() => ({}));
    if (attachments) this.#composer.allowFiles(new Uploads({ client: this.#client, strings: this.#strings, limits: attachments }));
    this.#models.offer(models);
  }

  /** Move the focus into the panel. */
  focus() {
    // A touch keyboard that jumps up unasked would cover half of the panel.
    if (matchMedia("(pointer: coarse)").matches) this.element.focus();
    else this.#composer.focus();
  }

  get scrollPosition() {
    return this.#thread.scroller.scrollTop;
  }

  restoreScroll(top) {
    this.#draw();
    this.#thread.toPosition(top);
  }

  /** Show the history in the conversation's place, or leave it. Returns whether anything changed. */
  showHistory(shown) {
    if (this.#history.element.hidden === !shown) return false;
    this.#history.element.hidden = !shown;
    this.#thread.element.hidden = shown;
    this.#composer.element.hidden = shown;
    this.element.classList.toggle("in-history", shown);
    this.#title.textContent = shown ? this.#strings.history : this.#config.title;
    if (shown) {
      this.#history.show();
      this.element.querySelector(".back").focus();
    } else if (this.element.open) this.focus();
    return true;
  }

  /** Take away what lies over the conversation. Returns whether anything did. */
  uncover() {
    return this.#preview.hide() || this.showHistory(false);
  }

  #send(message) {
    this.showHistory(false);
    this.#thread.startFollowing();
    this.#conversation.send({ ...message, inference_options: this.#models.options });
  }

  async #findPages(query, options) {
    const { entities } = await this.#client.get(`entities?q=${encodeURIComponent(query)}&limit=8`, options);
    return entities;
  }

  #build(onClose) {
    const { history, back, newConversation, close } = this.#strings;
    const startNew = () => {
      this.#conversation.startNew();
      this.showHistory(false);
      this.focus();
    };
    return h(
      "dialog",
      { class: "panel", id: "panel", "aria-labelledby": "title", tabindex: "-1", on: { click: (event) => this.#clicked(event) } },
      h(
        "div",
        { class: "bar" },
        iconButton("back", back, () => this.showHistory(false), { class: "icon-button back" }),
        this.#title,
        iconButton("plus", newConversation, startNew),
        iconButton("clock", history, () => this.showHistory(true), { class: "icon-button to-history" }),
        iconButton("close", close, onClose),
      ),
      this.#thread.element,
      this.#history.element,
      this.#composer.element,
    );
  }

  #buildWelcome() {
    const { welcome, introduction } = this.#strings;
    const starters = this.#config.starters.map((question) => h("button", { type: "button", class: "starter", on: { click: () => this.ask(question) } }, question));
    return h("div", { class: "welcome" }, h("p", { class: "greeting" }, welcome), h("p", {}, introduction), starters.length ? h("div", { class: "starters" }, starters) : null);
  }

  #viewContext(base) {
    return {
      strings: this.#strings,
      base,
      imageAddress: (source) => this.#imageAddress(source, base),
      announce: (text) => this.#announce(text),
      copy: (text, button) => this.#copy(text, button),
      feedbackOn: (id) => this.#feedback.get(id) ?? null,
      giveFeedback: (id, kind) => this.#giveFeedback(id, kind),
      act: (item, action) => this.#onAction(action, item),
      answerForm: (itemId, submission) => this.#answerForm(itemId, submission),
      file: (address) => this.#client.file(address),
      loadEarlier: () => this.#conversation.loadEarlier(),
    };
  }

  #changed() {
    if (this.#drawing) return;
    this.#drawing = true;
    // Once a frame at most, however fast the events come.
    requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#drawing = false;
    const { state } = this.#conversation;
    this.#welcome.hidden = state.loading || state.error !== null || state.question !== null || state.items.length > 0;
    this.#thread.update(state);
    this.#composer.update(state);
    this.#models.follow(state);
    const spoken = state.busy ? state.progress?.text ?? "" : "";
    if (spoken && spoken !== this.#spoken) this.#announce(spoken);
    this.#spoken = spoken;
  }

  #announce(text) {
    // A live region reads what is added; old lines are let go.
    while (this.#announcer.children.length > 8) this.#announcer.firstChild.remove();
    this.#announcer.append(h("p", {}, text));
  }

  #openThread(id) {
    this.showHistory(false);
    this.#thread.startFollowing();
    this.#conversation.open(id);
  }

  #answerForm(itemId, submission) {
    this.#thread.startFollowing();
    this.#conversation.answerForm(itemId, submission);
    // The button that had the focus goes away.
    this.focus();
  }

  async #giveFeedback(id, kind) {
    const before = this.#feedback.get(id);
    this.#feedback.set(id, kind);
    try {
      await this.#conversation.giveFeedback([id], kind);
      this.#announce(this.#strings.thanks);
      return true;
    } catch {
      if (before) this.#feedback.set(id, before);
      else this.#feedback.delete(id);
      return false;
    }
  }

  async #copy(text, button) {
    if (!(await copyText(text, this.element))) return;
    const before = [...button.childNodes];
    if (before.length > 1) button.replaceChildren(icon("check"), h("span", {}, this.#strings.copied));
    else button.replaceChildren(icon("check"));
    this.#announce(this.#strings.copied);
    setTimeout(() => button.replaceChildren(...before), COPIED_MS);
  }

  /** Clicks on what is made by rendering, which has no listeners of its own. */
  #clicked(event) {
    const code = event.target.closest(".copy-code");
    if (code) this.#copy(code.closest(".code").querySelector("pre").textContent, code);
    if (event.target.closest(".retry")) {
      this.#thread.startFollowing();
      this.#conversation.retry();
      // The button that had the focus is gone.
      this.focus();
    }
    const source = event.target.closest("a[href]");
    if (source) this.#onSource(new URL(source.href), event);
  }

  /** Images come from the backend's or the page's own site, or from where the thread allows. */
  #imageAddress(source, base) {
    const url = webAddress(source, base);
    const allowed = url && (url.origin === location.origin || url.origin === new URL(base).origin || this.#conversation.state.thread?.imageDomains.includes(url.hostname));
    return allowed ? url : null;
  }
}
