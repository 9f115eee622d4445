// The reader's past conversations.

import { h, icon, iconButton } from "./dom.js";
import { fill } from "./strings.js";

/** Lists threads page by page; each can be opened, and deleted after a second press. */
export class HistoryView {
  #strings;
  #conversation;
  #onOpen;
  #after = null;
  // Which showing of the history is the last: what another has asked for comes too late.
  #listing = 0;
  #list = h("ul", { class: "threads" });
  #more;
  #message = h("p", { class: "empty", role: "status", tabindex: "-1" });

  constructor({ strings, conversation, onOpen }) {
    this.#strings = strings;
    this.#conversation = conversation;
    this.#onOpen = onOpen;
    this.#more = h("button", { type: "button", class: "more", hidden: true, on: { click: () => this.#loadPage() } }, strings.more);
    this.element = h("div", { class: "view history", hidden: true }, h("div", { class: "scroller" }, this.#message, this.#list, this.#more));
  }

  /** Load the newest threads. */
  async show() {
    this.#after = null;
    this.#listing += 1;
    this.#list.replaceChildren();
    this.#message.textContent = this.#strings.working;
    await this.#loadPage();
  }

  async #loadPage() {
    this.#more.hidden = true;
    const listing = this.#listing;
    try {
      const page = await this.#conversation.listThreads(this.#after);
      if (listing !== this.#listing) return;
      this.#list.append(...page.data.map((thread) => this.#row(thread)));
      this.#after = page.after ?? null;
      this.#more.hidden = !page.has_more;
      this.#tell(this.#list.children.length ? "" : this.#strings.noHistory);
    } catch {
      if (listing === this.#listing) this.#tell(this.#strings.historyFailed);
    }
  }

  #tell(text) {
    this.#message.textContent = text;
  }

  #row(thread) {
    const title = thread.title || this.#strings.untitled;
    const current = thread.id === this.#conversation.state.thread?.id;
    const when = new Date(thread.created_at);
    const open = h(
      "button",
      { type: "button", class: "open", "aria-current": current ? "true" : null, on: { click: () => this.#onOpen(thread.id) } },
      h("span", { class: "truncate" }, title),
      h("time", { datetime: when.toISOString() }, describeTime(when)),
    );
    const row = h("li", {}, open, this.#removal(thread.id, title, () => this.#drop(row)));
    return row;
  }

  /** Take a row away, and move the focus that was in it. */
  #drop(row) {
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    if (neighbour) neighbour.querySelector(".open").focus();
    else {
      this.#tell(this.#strings.noHistory);
      this.#message.focus();
    }
  }

  /** A button that asks once before it deletes. */
  #removal(id, title, onRemoved) {
    let sure = false;
    const calm = () => {
      sure = false;
      button.classList.remove("sure");
      button.replaceChildren(icon("trash"));
    };
    const button = iconButton(
      "trash",
      fill(this.#strings.remove, { title }),
      async () => {
        if (!sure) {
          sure = true;
          button.classList.add("sure");
          button.replaceChildren(this.#strings.confirmRemove);
          return;
        }
        button.disabled = true;
        try {
          await this.#conversation.deleteThread(id);
          onRemoved();
        } catch {
          button.disabled = false;
          calm();
          this.#tell(this.#strings.removeFailed);
        }
      },
    );
    button.addEventListener("blur", calm);
    return button;
  }
}

/** Say the time of a day, or the day. */
function describeTime(when) {
  const today = new Date().toDateString() === when.toDateString();
  const format = today ? { hour: "numeric", minute: "2-digit" } : { day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(pageLanguage(), format).format(when);
}

/** The page's language; undefined, which is the browser's own, where it is none that a browser knows. */
function pageLanguage() {
  try {
    return Intl.getCanonicalLocales(document.documentElement.lang)[0];
  } catch {
    return undefined;
  }
}
