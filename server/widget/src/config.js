// What a site says of its assistant: attributes of the element, else of the script's tag.

/**
 * Read the attributes. `dataset` is the element's, `defaults` are the script tag's with its address
 * as `script`; relative addresses are the page's, or the script's where none is given.
 */
export function readConfig(dataset, defaults, strings) {
  const given = { ...defaults, ...dataset };
  const base = given.endpoint ? document.baseURI : given.script ?? location.href;
  return {
    endpoint: new URL(given.endpoint ?? "/chatkit", base).href,
    title: given.title ?? strings.title,
    placeholder: given.placeholder ?? strings.placeholder,
    starters: (given.starters ?? "").split("|").map((starter) => starter.trim()).filter(Boolean),
    side: given.position === "left" ? "left" : "right",
    theme: ["light", "dark"].includes(given.theme) ? given.theme : null,
    opensAtFirst: "open" in given && given.open !== "false",
    version: given.version ?? null,
    offersSelection: given.selection !== "off",
    credentials: given.credentials === "include" ? "include" : "same-origin",
  };
}
