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
  #token = null;

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
    const body = JSON.stringify({ type, params, metadata: { page_url: location.href } });
    const send = () => post(this.#endpoint, { credential: this.#token ?? this.#readerKey, body, signal });
    let response = await send();
    if (response.status === 401 && (await this.#beginSession(signal))) response = await send();
    if (!response.ok) throw await requestError(response);
    return response;
  }

  /** Exchange the key for a short-lived token, and tell whether the server gives one. */
  async #beginSession(signal) {
    const address = new URL("session", new URL(this.#endpoint, location.href));
    const response = await post(address, { credential: this.#readerKey, signal });
    if (response.ok) this.#token = (await response.json()).token;
    return response.ok;
  }
}

function post(address, { credential, body, signal }) {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${credential}` };
  // On one origin with a site, its cookie says who has signed in.
  return fetch(address, { method: "POST", credentials: "same-origin", headers, body, signal });
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
