// What a reader writes: words, mentions of pages, files, and a quotation that they refer to. A
// message that is yet to be sent has the fields of one that the backend has stored.

/** Make a message of words alone. */
export function plainMessage(text) {
  return { content: [{ type: "input_text", text }], attachments: [], quoted_text: null, inference_options: {} };
}

/** Write a message out as text, its mentions as `@name`. */
export function messageText({ content }) {
  return content.map(({ type, text }) => (type === "input_tag" ? `@${text}` : text)).join("");
}

/** Make the input of a request out of a message. */
export function messageInput({ content, attachments, quoted_text: quoted, inference_options: options }) {
  return { content, attachments: attachments.map(({ id }) => id), inference_options: options, ...(quoted ? { quoted_text: quoted } : {}) };
}

/** Copy a message so that it can be sent in another thread: its files stay with the first. */
export function withoutFiles({ content, quoted_text: quoted = null, inference_options: options = {} }) {
  return { content, attachments: [], quoted_text: quoted, inference_options: options };
}
