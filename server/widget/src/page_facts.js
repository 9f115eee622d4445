// What each request tells the backend of the page that the reader is on.

import { CLIENT_TOOLS } from "./client_tools.js";

/** Describe the page. Its version is `version`, or what the page itself says of that to search engines. */
export function pageFacts(version) {
  const declared = version ?? document.querySelector('meta[name="docsearch:version"]')?.content;
  const { lang } = document.documentElement;
  return {
    page_url: location.href,
    client_tools: CLIENT_TOOLS,
    ...(lang ? { locale: lang } : {}),
    ...(declared ? { version: declared } : {}),
  };
}
