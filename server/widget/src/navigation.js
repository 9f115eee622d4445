// Going to a source: on this page, on another page of the site, or elsewhere.

const HIGHLIGHT_MS = 2600;

/** Tell whether an address is on the page that is being read. */
export function isThisPage(url) {
  const path = ({ pathname }) => pathname.replace(/\/$/, "");
  return url.origin === location.origin && path(url) === path(location) && url.search === location.search;
}

/** Go to a place of this page and show where it is. */
export function goToPlace(url) {
  if (!url.hash) window.scrollTo(0, 0);
  else if (location.hash === url.hash) targetOf(url.hash)?.scrollIntoView();
  else location.hash = url.hash;
  highlight(targetOf(url.hash));
}

/** Show where the page was entered, when a source that was opened from the widget led here. */
export function showArrival(memory) {
  const expected = memory.session.get("arrival");
  if (expected === null) return;
  memory.session.remove("arrival");
  if (expected === location.href) highlight(targetOf(location.hash));
}

/** Remember the address that is about to be opened, for `showArrival` on that page. */
export function expectArrival(memory, url) {
  memory.session.set("arrival", url.href);
}

function targetOf(hash) {
  if (hash.length < 2) return null;
  const id = decodeFragment(hash.slice(1));
  return document.getElementById(id) ?? document.getElementById(hash.slice(1));
}

function decodeFragment(fragment) {
  try {
    return decodeURIComponent(fragment);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return fragment;
  }
}

/** Tint an element for a moment, without leaving a style behind. */
function highlight(element) {
  if (!element) return;
  const tint = "color-mix(in srgb, #f2b600 32%, transparent)";
  const frame = { backgroundColor: tint, boxShadow: `0 0 0 0.35em ${tint}`, borderRadius: "2px" };
  element.animate([frame, { ...frame, offset: 0.6 }, { backgroundColor: "transparent", boxShadow: "0 0 0 0.35em transparent" }], {
    duration: HIGHLIGHT_MS,
    easing: matchMedia("(prefers-reduced-motion: reduce)").matches ? "steps(1)" : "ease-out",
  });
}
