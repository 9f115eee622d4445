// How an answer came about: its reasoning and steps, folded away under one line.

import { h, icon, webAddress } from "./dom.js";
import { parseMarkdown } from "./markdown.js";
import { linkAttributes, renderBlock } from "./message_dom.js";
import { describeSeconds, fill } from "./strings.js";

const STEP_ICONS = { web_search: "search", file: "document", image: "document", thought: "idea", custom: "check" };

/** The steps of a turn; folded, unless the backend or the reader opens them. */
export class WorkflowView {
  #context;
  #workflow = null;
  #summary = h("span");
  #steps = h("ol", { class: "steps" });

  constructor(context) {
    this.#context = context;
    this.element = h("details", { class: "workflow" }, h("summary", {}, icon("idea"), this.#summary, icon("chevron")), this.#steps);
  }

  update({ workflow }, { streaming }) {
    if (workflow !== this.#workflow) {
      if (this.#workflow === null) this.element.open = workflow.expanded === true;
      this.#workflow = workflow;
      this.#steps.replaceChildren(...workflow.tasks.map((task) => h("li", {}, renderTask(task, this.#context))));
    }
    this.element.classList.toggle("running", streaming);
    this.#summary.textContent = streaming ? this.#running(workflow) : summaryOf(workflow, this.#context.strings);
  }

  #running({ tasks }) {
    return tasks.at(-1)?.title ?? this.#context.strings.thinking;
  }
}

/** A step that stands by itself. */
export class TaskView {
  #context;

  constructor(context) {
    this.#context = context;
    this.element = h("div", { class: "workflow single" });
  }

  update({ task }) {
    this.element.replaceChildren(renderTask(task, this.#context));
  }
}

function summaryOf({ summary, tasks }, strings) {
  if (summary?.title) return summary.title;
  if (Number.isFinite(summary?.duration)) return fill(strings.thoughtFor, { time: describeSeconds(Math.max(1, summary.duration), strings) });
  return fill(tasks.length === 1 ? strings.oneStep : strings.steps, { count: tasks.length });
}

function renderTask(task, context) {
  const { title = null, content, queries = [], sources = [] } = task;
  const heading = title ?? queries[0] ?? null;
  return h(
    "div",
    { class: "step" },
    heading ? h("p", { class: "step-title" }, icon(STEP_ICONS[task.type] ?? "check"), h("span", {}, heading)) : null,
    content ? h("div", { class: "markdown" }, parseMarkdown(content).map((block) => renderBlock(block, context))) : null,
    sources.length ? h("ul", { class: "step-sources" }, sources.map((source) => h("li", {}, renderSource(source, context)))) : null,
  );
}

function renderSource({ title, url: address, filename }, { base }) {
  const url = webAddress(address, base);
  const name = title || filename || url?.host || "";
  return url ? h("a", { ...linkAttributes(url), "data-source": url.href }, name) : name;
}
