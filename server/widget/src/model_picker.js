// Which model answers, where the backend lets readers choose.

import { h, icon } from "./dom.js";

/**
 * Offers the backend's models. A conversation goes on with the model of its last question; a new
 * one begins with the model that the reader chose last, which `memory` keeps.
 */
export class ModelPicker {
  #memory;
  #select;
  #models = [];
  #wanted = null;
  #followed = undefined;

  constructor({ strings, memory }) {
    this.#memory = memory;
    this.#select = h("select", { "aria-label": strings.model, title: strings.model, on: { change: () => this.#picked() } });
    this.element = h("div", { class: "model", hidden: true }, this.#select, icon("chevron"));
  }

  /** What goes with a message: nothing for the model that the backend would take by itself. */
  get options() {
    const { value } = this.#select;
    return value === "" || value === this.#models[0] ? {} : { model: value };
  }

  /** Offer models, the backend's own choice first. One alone is no choice. */
  offer(models) {
    this.#models = models;
    this.#select.replaceChildren(...models.map((model) => h("option", {}, model)));
    this.element.hidden = models.length < 2;
    this.#show();
  }

  /** Offer the chosen model no more, which the backend has refused. */
  withdraw() {
    this.offer(this.#models.filter((model) => model !== this.#select.value));
  }

  /** Show the model of the conversation that is open. */
  follow({ thread, items, loading, busy }) {
    const id = thread?.id ?? null;
    if (loading || id === this.#followed) return;
    this.#followed = id;
    // A conversation that has just begun: what was chosen for it stays chosen.
    if (busy) return;
    const question = items.findLast(({ type }) => type === "user_message");
    this.#wanted = question ? question.inference_options?.model : this.#memory.local.get("model");
    this.#show();
  }

  #picked() {
    this.#wanted = this.#select.value;
    this.#memory.local.set("model", this.#wanted);
  }

  #show() {
    this.#select.value = this.#models.includes(this.#wanted) ? this.#wanted : (this.#models[0] ?? "");
  }
}
