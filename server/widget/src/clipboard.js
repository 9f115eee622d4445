// Copying, also where the browser gives a page no clipboard: without TLS, or where it is forbidden.

import { h } from "./dom.js";

/** Copy a text; `panel` is what may hold a field for a moment. Returns whether it was copied. */
export async function copyText(text, panel) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text, panel);
  }
}

function copySelected(text, panel) {
  const focused = panel.getRootNode().activeElement;
  const field = h("textarea", { class: "unseen", tabindex: "-1", "aria-hidden": "true" });
  field.value = text;
  panel.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  return copied;
}
