// What the reader asked: the words, the pages that are mentioned in them, what they quote, the files.

import { h, icon, webAddress } from "./dom.js";
import { fileChip } from "./file_views.js";
import { linkAttributes } from "./message_dom.js";

export class QuestionView {
  constructor(message, context) {
    const { content, attachments = [], quoted_text: quoted } = message;
    this.element = h(
      "div",
      { class: "question" },
      h("span", { class: "unseen" }, `${context.strings.you}: `),
      quoted ? h("div", { class: "quoted" }, icon("quote"), h("blockquote", { dir: "auto" }, quoted)) : null,
      h("p", { dir: "auto" }, content.map((part) => (part.type === "input_tag" ? tagChip(part, context) : part.text))),
      attachments.length ? h("ul", { class: "files", "aria-label": context.strings.files }, attachments.map((file) => attachmentChip(file, context))) : null,
    );
  }

  update() {}
}

/** A mention; a link where the page that is mentioned can be opened. */
function tagChip({ text, data = {} }, { base }) {
  const url = webAddress(data.url, base);
  const content = [icon("document"), text];
  return url ? h("a", { ...linkAttributes(url), "data-source": url.href, class: "tag" }, content) : h("span", { class: "tag" }, content);
}

function attachmentChip({ name, type, blob, preview_url: preview }, { strings, file }) {
  const picture = type === "image" && (blob || preview) ? async () => blob ?? file(preview) : null;
  return fileChip({ name, picture, strings });
}
