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

/**
 * Talks to the backend as one reader. `metadata` is called for what goes with each request;
 * `credentials` is "include" where the cookies of another origin's server are to be sent.
 */
export class ChatClient {
  #endpoint;
  #readerKey;
  #credentials;
  #metadata;
  #token = null;

  constructor({ endpoint, readerKey, credentials = "same-origin", metadata }) {
    this.#endpoint = endpoint;
    this.#readerKey = readerKey;
    this.#credentials = credentials;
    this.#metadata = metadata;
  }

  /** Send a request that is answered at once. */
  async request(type, params, { signal } = {}) {
    return (await this.#post(type, params, signal)).json();
  }

  /** Send a request that is answered by a stream, and give its events as they come. */
  async *stream(type, params, { signal }) {
    yield* readEvents(await this.#post(type, params, signal));
  }

  /** Get the JSON of an address beside the endpoint. */
  async get(path, { signal } = {}) {
    const address = new URL(path, this.#endpoint);
    return (await this.#authorized(() => this.#fetch(address, { signal }))).json();
  }

  /** Read a file that the backend keeps, by its address. */
  async file(address) {
    const url = new URL(address, this.#endpoint);
    if (!this.#isOwn(url)) throw new TypeError(`${url.origin} is not the backend.`);
    return (await this.#authorized(() => this.#fetch(url, {}))).blob();
  }

  /** Send a file to where an attachment's descriptor says; `onProgress` is told the part that is sent. */
  upload({ url, method, headers = {} }, file, { signal, onProgress }) {
    const address = new URL(url, this.#endpoint);
    // Another server than this, such as a bucket, must not learn who the reader is.
    const own = this.#isOwn(address);
    const request = new XMLHttpRequest();
    request.open(method, address);
    request.withCredentials = own && this.#credentials === "include";
    for (const [name, value] of Object.entries({ ...headers, ...(own ? this.#authorization : {}) })) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    signal.addEventListener("abort", () => request.abort());
    return new Promise((resolve, reject) => {
      request.addEventListener("error", () => reject(new TypeError("The file could not be sent.")));
      request.addEventListener("abort", () => reject(signal.reason));
      request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(refusalOf(request))));
      request.send(file);
    });
  }

  #isOwn(url) {
    return url.origin === new URL(this.#endpoint).origin;
  }

  get #authorization() {
    return { Authorization: `Bearer ${this.#token ?? this.#readerKey}` };
  }

  #post(type, params, signal) {
    const body = JSON.stringify({ type, params, metadata: this.#metadata() });
    return this.#authorized(() => this.#fetch(this.#endpoint, { method: "POST", body, signal }), signal);
  }

  async #authorized(send, signal) {
    let response = await send();
    if (response.status === 401 && (await this.#beginSession(signal))) response = await send();
    if (!response.ok) throw await requestError(response);
    return response;
  }

  #fetch(address, { method = "GET", body, signal }) {
    const headers = { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...this.#authorization };
    return fetch(address, { method, credentials: this.#credentials, headers, body, signal });
  }

  /** Exchange the key for a short-lived token, and tell whether the server gives one. */
  async #beginSession(signal) {
    this.#token = null;
    const response = await this.#fetch(new URL("session", this.#endpoint), { method: "POST", signal });
    // Not the reader's to mend, unlike the lack of a token that it was asked for.
    if (response.status === 429 || response.status >= 500) throw await requestError(response);
    if (response.ok) this.#token = (await response.json()).token;
    return response.ok;
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

/** What a server says of a file that it does not take; others than ours may say nothing. */
function refusalOf({ status, responseText }) {
  let error = {};
  try {
    error = JSON.parse(responseText).error ?? {};
  } catch (problem) {
    if (!(problem instanceof SyntaxError)) throw problem;
  }
  return new RequestError({ status, code: error.code, message: error.message, retryAfter: null });
}

/** Read a `Retry-After` header: seconds, or a date. */
function secondsUntil(header) {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const seconds = (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}
