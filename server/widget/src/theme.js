// Light or dark: as the site says, or else as dark as the page around the widget is.

const OPAQUE = 0.5;

/** Watches what decides between light and dark, and calls back with "light" or "dark". */
export class SchemeWatcher {
  #onChange;
  #preference = matchMedia("(prefers-color-scheme: dark)");
  // Sites switch by a class or an attribute of their root, under names of their own.
  #observer = new MutationObserver(() => this.check());
  #onPreference = () => this.check();
  #afterTransition = ({ target }) => {
    if (target === document.body || target === document.documentElement) this.check();
  };

  constructor(onChange) {
    this.#onChange = onChange;
  }

  start() {
    this.#preference.addEventListener("change", this.#onPreference);
    for (const root of [document.documentElement, document.body]) this.#observer.observe(root, { attributes: true });
    document.addEventListener("transitionend", this.#afterTransition);
    this.check();
  }

  /** Call back with what is right now. */
  check() {
    this.#onChange(pageScheme());
  }

  stop() {
    document.removeEventListener("transitionend", this.#afterTransition);
    this.#preference.removeEventListener("change", this.#onPreference);
    this.#observer.disconnect();
  }
}

function pageScheme() {
  for (const element of [document.body, document.documentElement]) {
    const [red, green, blue, alpha] = rgba(getComputedStyle(element).backgroundColor);
    if (alpha > OPAQUE) return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128 ? "dark" : "light";
  }
  // Nothing is painted, so what shows is the browser's own canvas.
  const declared = getComputedStyle(document.documentElement).colorScheme;
  const darkAllowed = declared.includes("dark");
  const prefersDark = matchMedia("(prefers-color-scheme: dark)").matches;
  return darkAllowed && (prefersDark || !declared.includes("light")) ? "dark" : "light";
}

/** Have a canvas read the colour, as computed ones come in every colour space. */
function rgba(color) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue, alpha / 255];
}
