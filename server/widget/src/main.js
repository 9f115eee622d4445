// Defines the element, and puts one into a page that has none.

import { DocsAssistant } from "./element.js";

const TAG = "docs-assistant";

// Null in a module script, which is found by its name instead.
const script = document.currentScript ?? document.querySelector('script[src$="/widget.js"]');

function start() {
  if (!document.querySelector(TAG)) document.body.append(document.createElement(TAG));
}

if (!customElements.get(TAG)) {
  DocsAssistant.defaults = { ...script?.dataset, script: script?.src };
  customElements.define(TAG, DocsAssistant);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
}
