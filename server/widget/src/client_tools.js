// What the backend can ask the page to do: open a page of the docs.

import { webAddress } from "./dom.js";
import { expectArrival, goToPlace, isThisPage } from "./navigation.js";

/** Names of the tools, as requests announce them. */
export const CLIENT_TOOLS = ["open_page"];

const ELSEWHERE = "The page is on another site. The reader sees a link to it and has to follow it.";

/**
 * Carries out calls of the backend's. Opening a page leaves the one that the call came to, so that
 * the report on it is made by the widget of the page that was opened.
 */
export class ClientTools {
  #memory;
  #base;

  constructor({ memory, base }) {
    this.#memory = memory;
    this.#base = base;
  }

  /** Tell whether the page was opened by a call whose report is still due. */
  get isReportDue() {
    return this.#memory.session.get("reporting") !== null;
  }

  /** Carry out a call; return what to report, or null when the page is being left for it. */
  run({ id, name, arguments: wanted }) {
    if (!CLIENT_TOOLS.includes(name)) return { opened: false, reason: `There is no tool ${name}.` };
    const url = webAddress(wanted.url, this.#base);
    if (url === null) return { opened: false, reason: "This is no address of a page." };
    if (url.origin !== location.origin) return { opened: false, url: url.href, reason: ELSEWHERE };
    if (isThisPage(url)) {
      goToPlace(url);
      return { opened: true, url: url.href };
    }
    expectArrival(this.#memory, url);
    this.#memory.session.set("reporting", id);
    location.assign(url);
    return null;
  }

  /** Return the report that is due on a call, or null: another call, or none, led here. */
  takeReport(call) {
    const id = this.#memory.session.get("reporting");
    this.#memory.session.remove("reporting");
    if (call?.type !== "client_tool_call" || call.status !== "pending" || call.id !== id) return null;
    // Not every browser tells the status; a page that runs the widget is most likely there.
    const [{ responseStatus = 200 } = {}] = performance.getEntriesByType("navigation");
    const url = location.href;
    return responseStatus < 400 ? { opened: true, url } : { opened: false, url, reason: "There is no such page." };
  }
}
