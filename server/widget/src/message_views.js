// One view for each kind of item in a thread. A view is made once and updated from then on.

import { renderWidget } from "./cards.js";
import { citationsOf, messageAsText, SourceNumbers } from "./citations.js";
import { placeCitations } from "./cite.js";
import { h, icon, iconButton, morph } from "./dom.js";
import { FormView } from "./form_view.js";
import { parseMarkdown } from "./markdown.js";
import { renderBlock } from "./message_dom.js";
import { QuestionView } from "./question_view.js";
import { ImageView, ToolCallView } from "./small_views.js";
import { TaskView, WorkflowView } from "./workflow_views.js";

const TALL_PX = 272;

/** Make the view of an item; null for a kind that is not shown. */
export function viewOf(item, context) {
  switch (item.type) {
    case "user_message":
      return new QuestionView(item, context);
    case "assistant_message":
      return new AnswerView(context);
    case "widget":
      return new CardView(context);
    case "structured_input":
      return new FormView(context);
    case "workflow":
      return new WorkflowView(context);
    case "task":
      return new TaskView(context);
    case "client_tool_call":
      return new ToolCallView(context);
    case "generated_image":
      return new ImageView(context);
    default:
      return null;
  }
}

/** An answer: its text patched in place as it grows, and what can be done with it once it is whole. */
export class AnswerView {
  #context;
  #parts = [];
  #item = null;
  #streaming = null;
  #announced = 0;
  #tools = null;
  #body = h("div", { class: "markdown" });

  constructor(context) {
    this.#context = context;
    this.element = h("article", { class: "answer", "aria-label": context.strings.assistant }, this.#body);
  }

  /** Show the item; `live` when the reader is waiting for it, `last` when its turn ends with it. */
  update(item, { streaming, live, last }) {
    if (item !== this.#item || streaming !== this.#streaming) {
      this.#item = item;
      this.#streaming = streaming;
      this.#showText(item, streaming);
      if (live) this.#announce(streaming);
    }
    this.#showTools(item, last && !streaming);
  }

  #showText(item, streaming) {
    const numbers = new SourceNumbers();
    const wanted = item.content.flatMap((part, index) => {
      const citations = citationsOf(part, numbers);
      const growing = streaming && index === item.content.length - 1;
      const blocks = parseMarkdown(part.text, { streaming: growing });
      placeCitations(blocks, citations);
      // A block that is the same as before is left alone: most of a growing answer.
      return blocks.map((block, place) => ({
        block,
        key: JSON.stringify([part.text.slice(block.start, block.end), growing && place === blocks.length - 1, citationsIn(block, citations)]),
      }));
    });
    wanted.forEach(({ block, key }, index) => {
      const present = this.#parts[index];
      if (present?.key === key) return;
      const next = renderBlock(block, this.#context);
      const node = present ? morph(present.node, next) : next;
      if (!present) this.#body.append(node);
      this.#parts[index] = { key, node };
    });
    for (const { node } of this.#parts.splice(wanted.length)) node.remove();
  }

  /** Have finished paragraphs read out, each once. */
  #announce(streaming) {
    const finished = streaming ? this.#parts.length - 1 : this.#parts.length;
    for (; this.#announced < finished; this.#announced += 1) this.#context.announce(spokenText(this.#parts[this.#announced].node));
  }

  #showTools(item, shown) {
    if (shown && !this.#tools) {
      this.#tools = new AnswerTools(this.#context);
      this.element.append(this.#tools.element);
    } else if (!shown && this.#tools) {
      this.#tools.element.remove();
      this.#tools = null;
    }
    this.#tools?.update(item);
  }
}

function citationsIn({ start, end }, citations) {
  return citations.filter(({ at }) => at > start && at <= end + 1).map(({ at, number, source }) => [at - start, number, source.url ?? source.title]);
}

function spokenText(node) {
  const copy = node.cloneNode(true);
  copy.querySelectorAll("sup, figcaption").forEach((part) => part.remove());
  return copy.textContent.trim();
}

/** The row below an answer: copy, helpful, not helpful. */
class AnswerTools {
  #context;
  #item = null;
  #copy;
  #votes;

  constructor(context) {
    this.#context = context;
    const { strings } = context;
    this.#copy = iconButton("copy", strings.copyAnswer, () => context.copy(messageAsText(this.#item, context.base), this.#copy));
    this.#votes = {
      positive: iconButton("thumbUp", strings.helpful, () => this.#vote("positive"), { "aria-pressed": "false" }),
      negative: iconButton("thumbDown", strings.unhelpful, () => this.#vote("negative"), { "aria-pressed": "false" }),
    };
    this.element = h("div", { class: "tools" }, this.#copy, this.#votes.positive, this.#votes.negative);
  }

  update(item) {
    this.#item = item;
    this.#press(this.#context.feedbackOn(item.id));
  }

  async #vote(kind) {
    const before = this.#context.feedbackOn(this.#item.id);
    this.#press(kind);
    const kept = await this.#context.giveFeedback(this.#item.id, kind);
    if (!kept) this.#press(before);
  }

  #press(kind) {
    for (const [name, button] of Object.entries(this.#votes)) button.setAttribute("aria-pressed", String(name === kind));
  }
}

/** A widget of the backend's, such as the sources of an answer. */
export class CardView {
  #context;
  #widget = null;
  #opened = false;

  constructor(context) {
    this.#context = context;
    this.element = h("div", { class: "widget" });
  }

  update(item) {
    if (item.widget === this.#widget) return;
    this.#widget = item.widget;
    const { strings } = this.#context;
    const content = renderWidget(item.widget, { ...this.#context, act: (action) => this.#context.act(item, action) });
    const toggle = h("button", { type: "button", class: "fold", "aria-expanded": "false", on: { click: () => this.#fold(!this.#opened) } }, icon("chevron"), h("span", {}, strings.unfold));
    this.element.replaceChildren(content ?? "", toggle);
    this.element.addEventListener("focusin", ({ target }) => content?.contains(target) && this.#fold(true), { once: true });
    this.#fold(this.#opened);
    // Whether it is tall is known only once it has been laid out.
    requestAnimationFrame(() => content && this.#measure(content));
  }

  #measure(content) {
    const { classList } = this.element;
    classList.remove("tall", "cut");
    classList.toggle("tall", content.scrollHeight > TALL_PX);
    classList.toggle("cut", content.scrollHeight > content.clientHeight);
  }

  #fold(opened) {
    this.#opened = opened;
    const toggle = this.element.querySelector(":scope > .fold");
    this.element.classList.toggle("opened", opened);
    toggle.setAttribute("aria-expanded", String(opened));
    toggle.querySelector("span").textContent = opened ? this.#context.strings.less : this.#context.strings.unfold;
  }
}
