// The conversation on screen: its items in order, and below them what is going on.

import { h, icon, morph } from "./dom.js";
import { parseMarkdown } from "./markdown.js";
import { renderBlock } from "./message_dom.js";
import { viewOf } from "./message_views.js";
import { QuestionView } from "./question_view.js";

const NEAR_PX = 48;

/** Shows a conversation's state, and scrolls so that the answer can be read from its beginning. */
export class ThreadView {
  #context;
  #views = new Map();
  #following = true;
  #list = h("div", { class: "items" });
  #foot = h("div", { class: "foot" });
  #earlier;
  #jump;

  constructor(context) {
    this.#context = context;
    const { strings } = context;
    this.#earlier = h("button", { type: "button", class: "more", hidden: true, on: { click: () => this.#showEarlier() } }, strings.earlier);
    this.scroller = h(
      "div",
      { class: "scroller", role: "log", "aria-live": "off", "aria-label": strings.conversation, tabindex: "0", on: { scroll: () => this.#scrolled() } },
      this.#earlier,
      this.#list,
      this.#foot,
    );
    this.#jump = h("button", { type: "button", class: "jump", "aria-label": strings.latest, title: strings.latest, hidden: true, on: { click: () => this.toEnd() } }, icon("down"));
    this.element = h("div", { class: "view thread" }, this.scroller, this.#jump);
    // Cards and fonts change heights after the fact, and the composer takes some of the room.
    const sizes = new ResizeObserver(() => this.#follow());
    sizes.observe(this.#list);
    sizes.observe(this.scroller);
  }

  /** Show a state of the conversation. */
  update(state) {
    this.#showItems(state);
    this.#showFoot(state);
    this.#earlier.hidden = state.earlier === null;
    this.#follow();
  }

  /** Scroll to the end and stay there. */
  toEnd() {
    this.#following = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#scrolled();
  }

  /** Scroll to where the reader was, and stay there. */
  toPosition(top) {
    this.#following = false;
    this.scroller.scrollTop = top;
    this.#scrolled();
  }

  /** Follow what comes from now on, as after a question. */
  startFollowing() {
    this.#following = true;
  }

  #showItems(state) {
    const { items, unfinished, arrived, busy } = state;
    const shown = [];
    const keep = new Set();
    items.forEach((item, index) => {
      let view = this.#views.get(item.id);
      if (view === undefined) {
        view = viewOf(item, this.#context);
        this.#views.set(item.id, view);
      }
      keep.add(item.id);
      if (!view) return;
      const turnEnds = items.slice(index + 1).every((later, place, rest) => endsBefore(rest, place) || later.type !== "assistant_message");
      const lastTurn = !items.slice(index + 1).some(({ type }) => type === "user_message");
      view.update(item, { streaming: unfinished.includes(item.id), live: arrived.includes(item.id), last: turnEnds && !(busy && lastTurn) });
      shown.push(view.element);
    });
    if (state.question !== null) shown.push(this.#asked(state.question));
    for (const id of [...this.#views.keys()]) if (!keep.has(id) && id !== "asked") this.#views.delete(id);
    reorder(this.#list, shown);
  }

  /** The question that was sent and is not yet confirmed. */
  #asked(message) {
    const known = this.#views.get("asked");
    if (known?.message === message) return known.element;
    const { element } = new QuestionView(message, this.#context);
    this.#views.set("asked", { element, message });
    return element;
  }

  #showFoot(state) {
    const { strings } = this.#context;
    const wanted = h("div", { class: "foot" });
    const writing = state.unfinished.some((id) => state.items.find((item) => item.id === id)?.content?.some(({ text }) => text));
    const notices = state.notices.map((notice) => this.#notice(notice));
    wanted.append(...notices);
    if ((state.busy && (!writing || state.progress)) || state.loading) {
      wanted.append(h("p", { class: "progress" }, h("span", { class: "pulse", "aria-hidden": "true" }), h("span", { class: "shimmer" }, state.progress?.text ?? strings.working)));
    }
    if (state.stopped) wanted.append(h("div", { class: "stopped" }, h("span", {}, strings.stopped), this.#retryButton()));
    if (state.error) {
      wanted.append(
        h("div", { class: "problem", role: "alert" }, icon("warning"), h("p", {}, state.error.message ?? strings.failed), state.error.allowRetry ? this.#retryButton() : null),
      );
    }
    if (state.thread && state.thread.status.type !== "active") wanted.append(h("p", { class: "notice info" }, state.thread.status.reason ?? strings.closed));
    this.#foot = morph(this.#foot, wanted);
  }

  #notice({ level, title, message }) {
    const blocks = parseMarkdown(message).map((block) => renderBlock(block, this.#context));
    return h("div", { class: `notice ${level}`, role: "status" }, title ? h("strong", {}, title) : null, h("div", { class: "markdown" }, blocks));
  }

  // The footer is patched in place, so its buttons are found by the panel's click listener.
  #retryButton() {
    return h("button", { type: "button", class: "retry" }, icon("retry"), this.#context.strings.retry);
  }

  async #showEarlier() {
    const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.#following = false;
    await this.#context.loadEarlier();
    this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd;
  }

  /** Keep the end in view, but never push the last question out of it. */
  #follow() {
    if (this.#following) this.scroller.scrollTop = Math.min(this.#lowest(), this.scroller.scrollHeight - this.scroller.clientHeight);
    this.#showJump();
  }

  /** How far to scroll at most: to the last question's beginning, and of a long one to its last lines. */
  #lowest() {
    const question = this.#list.querySelector(".question:nth-last-child(1 of .question)");
    if (!question) return Infinity;
    const beyond = question.offsetHeight - this.scroller.clientHeight / 2;
    return question.offsetTop - this.scroller.offsetTop - 16 + Math.max(0, beyond);
  }

  #scrolled() {
    const { question, end } = this.#distances();
    if (end < NEAR_PX) this.#following = true;
    else if (question > NEAR_PX) this.#following = false;
    this.#showJump();
  }

  #distances() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    return { question: Math.abs(scrollTop - this.#lowest()), end: scrollHeight - clientHeight - scrollTop };
  }

  #showJump() {
    this.#jump.hidden = this.#distances().end < NEAR_PX;
  }
}

/** Tell whether a question stands between an item and the one at `place` after it. */
function endsBefore(rest, place) {
  return rest.slice(0, place + 1).some(({ type }) => type === "user_message");
}

/** Put the elements in order, moving none that is in its place. */
function reorder(parent, elements) {
  elements.forEach((element, index) => {
    if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null);
  });
  while (parent.children.length > elements.length) parent.lastChild.remove();
}
