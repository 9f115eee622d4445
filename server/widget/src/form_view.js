// Questions of the backend's to the reader, answered once.

import { h, icon } from "./dom.js";

/** A form while it is open; afterwards, what was asked and answered. */
export class FormView {
  #context;
  #item = null;

  constructor(context) {
    this.#context = context;
    this.element = h("div", { class: "card form" });
  }

  update(item) {
    if (item === this.#item) return;
    // What the reader has begun to fill in stays.
    const begun = this.#item?.status === "pending" && item.status === "pending";
    this.#item = item;
    if (!begun) this.element.replaceChildren(item.status === "pending" ? this.#form(item) : this.#answered(item));
  }

  #form({ id, inputs }) {
    const { strings, answerForm } = this.#context;
    const fields = inputs.map((input) => (input.type === "freeform" ? freeform(input, id) : choice(input, id, strings)));
    const submit = (submission) => {
      form.inert = true;
      answerForm(id, submission);
    };
    const check = () => (send.disabled = !fields.some(({ values }) => values().length > 0));
    const send = h("button", { type: "submit", class: "button solid", disabled: true }, strings.answerForm);
    const skip = h("button", { type: "button", class: "button ghost", on: { click: () => submit({ status: "skipped", answers: {} }) } }, strings.skipForm);
    const form = h(
      "form",
      {
        on: {
          input: check,
          submit: (event) => {
            event.preventDefault();
            const answers = fields.map(({ values }, index) => [inputs[index].id, { values: values(), skipped: values().length === 0 }]);
            submit({ status: "answered", answers: Object.fromEntries(answers) });
          },
        },
      },
      fields.map(({ element }) => element),
      h("div", { class: "form-actions" }, skip, send),
    );
    return form;
  }

  #answered({ inputs, status }) {
    const { strings } = this.#context;
    const said = ({ answer }) => (answer && !answer.skipped && answer.values.length ? answer.values.join(", ") : strings.skipped);
    return h(
      "dl",
      { class: "answered" },
      inputs.flatMap((input) => [h("dt", { dir: "auto" }, input.question), h("dd", { dir: "auto" }, status === "answered" ? [icon("check"), said(input)] : strings.skipped)]),
    );
  }
}

/** Build a choice among options, of one or several, with a field for an answer that is none of them. */
function choice({ id, question, options, multiple = false }, itemId, strings) {
  const type = multiple ? "checkbox" : "radio";
  const name = `${itemId} ${id}`;
  const option = (value, label) => h("label", { class: "option" }, h("input", { type, name, value }), h("span", { dir: "auto" }, label));
  const own = h("input", { type: "text", class: "own", "aria-label": strings.otherAnswer, placeholder: strings.otherAnswer, dir: "auto", maxlength: "500" });
  const other = option("", own);
  other.classList.add("other");
  const [otherMark] = other.querySelectorAll("input");
  otherMark.setAttribute("aria-label", strings.otherAnswer);
  own.addEventListener("focus", () => (otherMark.checked = true));
  const element = h("fieldset", {}, h("legend", { dir: "auto" }, question), options.map(({ value }) => option(value, value)), other);
  const values = () =>
    [...element.querySelectorAll(":checked")].map((mark) => (mark === otherMark ? own.value.trim() : mark.value)).filter(Boolean);
  return { element, values };
}

function freeform({ id, question, description = null }, itemId) {
  const field = h("textarea", { rows: "2", name: `${itemId} ${id}`, dir: "auto", maxlength: "2000" });
  const element = h("label", { class: "freeform" }, h("span", { dir: "auto" }, question), description ? h("span", { class: "caption" }, description) : null, field);
  return { element, values: () => [field.value.trim()].filter(Boolean) };
}
