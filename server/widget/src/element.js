// The <docs-assistant> element: a button, the panel that it opens, and what the page can call.

import { ChatClient } from "./client.js";
import { ClientTools } from "./client_tools.js";
import { readConfig } from "./config.js";
import { Conversation } from "./conversation.js";
import { h, icon } from "./dom.js";
import { expectArrival, goToPlace, isThisPage, showArrival } from "./navigation.js";
import { pageFacts } from "./page_facts.js";
import { Panel } from "./panel.js";
import { SelectionAsk } from "./selection.js";
import { sheets } from "./sheets.js";
import { Memory } from "./storage.js";
import { defaultStrings } from "./strings.js";
import { SchemeWatcher } from "./theme.js";

const SMALL = "(max-width: 40rem), (max-height: 26rem)";

/**
 * A chat panel for a docs site, speaking the ChatKit protocol.
 *
 * Reads `data-endpoint`, `data-title`, `data-placeholder`, `data-starters` (questions separated by
 * `|`), `data-position` (`right` or `left`), `data-theme` (`auto`, `light` or `dark`), `data-open`,
 * `data-version` (of the docs), `data-selection` (`off`) and `data-credentials` (`include`) when it
 * is connected. Has the attribute `opened` while the panel is open. Fires `docs-assistant-action`
 * for a widget's client actions and `docs-assistant-effect` for the backend's client effects.
 */
export class DocsAssistant extends HTMLElement {
  static observedAttributes = ["data-theme"];
  /** Settings of the script tag, for elements that have none of their own. */
  static defaults = {};

  #strings = defaultStrings;
  #memory = null;
  #conversation = null;
  #panel = null;
  #launcher = null;
  #root = null;
  #small = matchMedia(SMALL);
  #opener = null;
  #restored = null;
  #tools = null;
  #selection = null;
  #scheme = new SchemeWatcher((scheme) => this.#showScheme(scheme));
  #listening = null;

  /** Override words of the widget; takes effect before the element is connected. */
  set strings(strings) {
    this.#strings = Object.freeze({ ...this.#strings, ...strings });
  }

  get strings() {
    return this.#strings;
  }

  connectedCallback() {
    if (!this.#root) this.#build();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    document.addEventListener("keydown", (event) => this.#shortcut(event), { signal });
    document.addEventListener("click", (event) => this.#outsideClick(event), { signal });
    window.addEventListener("pagehide", () => this.#leave(), { signal });
    this.#small.addEventListener("change", () => this.#panel.element.open && this.#show(), { signal });
    window.visualViewport?.addEventListener("resize", () => this.#fitKeyboard(), { signal });
    this.#scheme.start();
    if (this.#config.offersSelection) this.#selection.start(signal);
    showArrival(this.#memory);
    // Where the panel is closed, what led to this page is reported all the same.
    if (this.#tools.isReportDue) this.#restore();
    const remembered = this.#memory.session.get("open");
    if (remembered === "yes" || (remembered === null && this.#config.opensAtFirst && !this.#small.matches)) this.#show({ quietly: true });
  }

  disconnectedCallback() {
    this.#listening.abort();
    this.#scheme.stop();
  }

  attributeChangedCallback() {
    if (this.#root) this.#scheme.check();
  }

  /** Open the panel and move the focus into it. */
  open() {
    if (this.#panel.element.open) {
      this.#panel.focus();
      return;
    }
    this.#opener = document.activeElement;
    this.#show();
  }

  /** Close the panel; what is being answered goes on. */
  close() {
    this.#panel.element.close();
  }

  /** Open the panel and ask a question. */
  ask(question) {
    this.open();
    this.#panel.ask(question);
  }

  get #config() {
    return readConfig(this.dataset, DocsAssistant.defaults, this.#strings);
  }

  #build() {
    // Set on the element before it was defined, so not through the setter.
    if (Object.hasOwn(this, "strings")) {
      const { strings } = this;
      delete this.strings;
      this.strings = strings;
    }
    const config = this.#config;
    const { endpoint, credentials } = config;
    this.#memory = new Memory(endpoint);
    const client = new ChatClient({
      endpoint,
      readerKey: this.#memory.readerKey,
      credentials,
      metadata: () => pageFacts(this.#config.version),
    });
    this.#tools = new ClientTools({ memory: this.#memory, base: endpoint });
    this.#selection = new SelectionAsk({ host: this, strings: this.#strings, onAsk: (text) => this.#askAbout(text) });
    this.#conversation = new Conversation({
      client,
      memory: this.#memory,
      strings: () => this.#strings,
    });
    this.#conversation.addEventListener("effect", ({ detail }) => this.#fire("docs-assistant-effect", { name: detail.name, data: detail.data }));
    this.#conversation.addEventListener("toolcall", ({ detail }) => this.#runTool(detail));
    this.#panel = new Panel({
      client,
      memory: this.#memory,
      conversation: this.#conversation,
      strings: this.#strings,
      config,
      base: endpoint,
      onClose: () => this.close(),
      onSource: (url, event) => this.#openSource(url, event),
      onAction: (action, item) => this.#act(action, item),
    });
    this.#panel.element.addEventListener("close", () => this.#closed());
    this.#panel.element.addEventListener("keydown", (event) => this.#escape(event));
    this.#panel.element.addEventListener("cancel", (event) => event.preventDefault());
    this.#launcher = h(
      "button",
      { type: "button", class: "launcher", "aria-haspopup": "dialog", "aria-controls": "panel", on: { click: () => this.open() } },
      icon("ask"),
      h("span", {}, this.#strings.launcher),
    );
    this.#root = h("div", { class: `root ${config.side}` }, this.#selection.element, this.#launcher, this.#panel.element);
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = sheets;
    shadow.append(this.#root);
  }

  /** Open as a dialog over the page on a small screen, beside its text on others. */
  #show({ quietly = false } = {}) {
    const { element } = this.#panel;
    const wasOpen = element.open;
    if (wasOpen) element.close();
    if (this.#small.matches) element.showModal();
    else element.setAttribute("open", "");
    this.#launcher.hidden = true;
    this.toggleAttribute("opened", true);
    this.#memory.session.set("open", "yes");
    this.#restore();
    if (!quietly && !wasOpen) this.#panel.focus();
  }

  #closed() {
    // Closed only to be opened again in the other way.
    if (this.#panel.element.open) return;
    this.#launcher.hidden = false;
    this.toggleAttribute("opened", false);
    this.#memory.session.set("open", "no");
    const opener = this.#opener?.isConnected && this.#opener !== document.body && this.#opener !== this ? this.#opener : this.#launcher;
    this.#opener = null;
    opener.focus();
  }

  #restore() {
    this.#restored ??= Promise.all([this.#restoreConversation(), this.#panel.learnFeatures()]);
  }

  async #restoreConversation() {
    await this.#conversation.restore();
    const call = this.#conversation.state.items.at(-1);
    const report = this.#tools.takeReport(call);
    if (report) this.#conversation.reportTool(call, report);
    const [thread, top] = (this.#memory.session.get("scroll") ?? "").split(" ");
    if (thread && thread === this.#conversation.state.thread?.id) this.#panel.restoreScroll(Number(top));
  }

  #leave() {
    const { thread } = this.#conversation.state;
    if (thread) this.#memory.session.set("scroll", `${thread.id} ${Math.round(this.#panel.scrollPosition)}`);
  }

  #shortcut(event) {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    // A site whose own search has taken the key keeps it.
    if (event.defaultPrevented) return;
    event.preventDefault();
    const selected = this.#config.offersSelection ? this.#selection.take() : null;
    if (selected) this.#askAbout(selected);
    else this.open();
  }

  #askAbout(text) {
    this.#panel.quote(text);
    this.open();
  }

  /** Any element of the page marked `data-docs-assistant-open` opens the panel. */
  #outsideClick(event) {
    if (event.target instanceof Element && event.target.closest("[data-docs-assistant-open]")) this.open();
  }

  #escape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    if (!this.#panel.uncover()) this.close();
  }

  #openSource(url, event) {
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!plain || url.origin !== location.origin) return;
    // Where the panel covers the page, the page is what the reader wants to see now.
    if (this.#small.matches) this.close();
    if (isThisPage(url)) {
      event.preventDefault();
      goToPlace(url);
    } else expectArrival(this.#memory, url);
  }

  #runTool(call) {
    const report = this.#tools.run(call);
    // Where the panel covers the page, the page is what the reader wants to see now.
    if (this.#small.matches && report?.opened !== false) this.close();
    if (report) this.#conversation.reportTool(call, report);
  }

  async #act(action, item) {
    if (action.handler === "client") this.#fire("docs-assistant-action", { type: action.type, payload: action.payload, itemId: item.id });
    else await this.#conversation.act(item.id, action);
  }

  #fire(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #showScheme(scheme) {
    this.#root.dataset.scheme = this.#config.theme ?? scheme;
  }

  /** Keep the composer above a touch keyboard, which some browsers lay over the page. */
  #fitKeyboard() {
    const { element } = this.#panel;
    if (this.#small.matches) element.style.setProperty("height", `${window.visualViewport.height}px`);
    else element.style.removeProperty("height");
  }
}
