// One ChatKit backend: requests in, JSON or events out.

import { readEvents } from "./event_stream.js";

/** The server answered with an error; `retryAfter` is in seconds, or null. */
export class RequestError extends Error {
  constructor({ status, code, message, retryAfter }) {
    super(message ?? `The server answered with status ${status}.`);
    this.status = status;
    this.code = code;
    this.detail = message;
    this.retryAfter = retryAfter;
  }
}

export class ChatClient {
  #endpoint;
  #readerKey;

  constructor({ endpoint, readerKey }) {
    this.#endpoint = endpoint;
    this.#readerKey = readerKey;
  }

  /** Send a request that is answered at once. */
  async request(type, params) {
    return (await this.#post(type, params)).json();
  }

  /** Send a request that is answered by a stream, and give its events as they come. */
  async *stream(type, params, { signal }) {
    yield* readEvents(await this.#post(type, params, signal));
  }

  async #post(type, params, signal) {
    const response = await fetch(this.#endpoint, {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${this.#readerKey}` },
      body: JSON.stringify({ type, params, metadata: { page_url: location.href } }),
      signal,
    });
    if (!response.ok) throw await requestError(response);
    return response;
  }
}

async function requestError(response) {
  const body = await response.json().catch(() => null);
  return new RequestError({
    status: response.status,
    code: body?.error?.code,
    message: body?.error?.message,
    retryAfter: secondsUntil(response.headers.get("Retry-After")),
  });
}

/** Read a `Retry-After` header: seconds, or a date. */
function secondsUntil(header) {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const seconds = (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}
