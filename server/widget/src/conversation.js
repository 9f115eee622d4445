// The conversation that is open: what it holds, and what can be done with it.

import { RequestError } from "./client.js";
import { describeThread, emptyState, reduce } from "./reducer.js";
import { describeSeconds, fill } from "./strings.js";

const PAGE_SIZE = 50;
// A server learns of a stop by the closed connection, and then stores what there was.
const SETTLE_MS = 700;

/**
 * Holds a thread's state and talks to the backend.
 *
 * Fires `change` whenever `state` is another, `unsent` with the text of a question that was stopped
 * before it was stored, and `effect` for the backend's client effects. Beyond the reducer's fields
 * the state has: `question`, sent and not yet confirmed; `busy`; `loading`; `stopped`; `arrived`,
 * ids of items that came while the reader waited; `earlier`, the cursor of older messages, or null.
 */
export class Conversation extends EventTarget {
  #client;
  #memory;
  #strings;
  #running = null;
  #again = null;

  state = blank();

  constructor({ client, memory, strings }) {
    super();
    this.#client = client;
    this.#memory = memory;
    this.#strings = strings;
  }

  /** Load the thread that was open last. One that is gone is forgotten silently. */
  async restore() {
    const id = this.#memory.local.get("thread");
    if (id) await this.open(id);
  }

  /** Open a thread of the reader's. */
  async open(id) {
    this.#interrupt();
    this.#update({ ...blank(), thread: describeThread({ id }), loading: true });
    this.#memory.local.set("thread", id);
    const token = (this.#running = new AbortController());
    try {
      const loaded = await this.#load(id);
      if (this.#running === token) this.#update({ ...blank(), ...loaded });
    } catch (error) {
      if (this.#running !== token) return;
      if (isGone(error)) this.startNew();
      else {
        this.#again = () => this.open(id);
        this.#fail(this.explain(error), { retry: !isRefusal(error) });
      }
    }
  }

  /** Leave the open thread, which stays in the history, for an empty one. */
  startNew() {
    this.#interrupt();
    this.#memory.local.remove("thread");
    this.#update(blank());
  }

  /** Ask a question in the open thread, or in a new one. */
  async send(text) {
    if (this.state.busy || this.state.loading) return;
    const { thread } = this.state;
    const input = { content: [{ type: "input_text", text }], attachments: [], inference_options: {} };
    this.#again = () => (this.state.question === null ? this.#answerAgain() : this.send(text));
    const begin = { question: text, error: null, stopped: false, notices: [] };
    if (!thread) {
      await this.#run("threads.create", { input }, begin);
      return;
    }
    await this.#run("threads.add_user_message", { thread_id: thread.id, input }, begin, () => this.#sendAnew(text));
  }

  /** Do again what failed or was stopped. */
  async retry() {
    this.#update({ ...this.state, error: null, stopped: false });
    await this.#again?.();
  }

  /** Stop the answer that is being written; what there is of it stays. */
  stop() {
    if (!this.state.busy) return;
    this.#interrupt();
    const { question, thread } = this.state;
    this.#update({ ...this.state, busy: false, progress: null, question: null, unfinished: [], stopped: question === null });
    if (question !== null) this.dispatchEvent(new CustomEvent("unsent", { detail: question }));
    else if (thread) this.#settle(thread.id);
  }

  /** Show messages from before those that are loaded. */
  async loadEarlier() {
    const { thread, earlier } = this.state;
    const page = await this.#client.request("items.list", { thread_id: thread.id, order: "desc", limit: PAGE_SIZE, after: earlier });
    if (this.state.thread?.id !== thread.id) return;
    this.#update({ ...this.state, items: [...page.data.toReversed(), ...this.state.items], earlier: page.has_more ? page.after : null });
  }

  /** List the reader's threads, newest first: `{data, has_more, after}`. */
  listThreads(after) {
    return this.#client.request("threads.list", { limit: 20, order: "desc", ...(after ? { after } : {}) });
  }

  /** Delete a thread for good; leaves it first if it is open. */
  async deleteThread(id) {
    try {
      await this.#client.request("threads.delete", { thread_id: id });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    if (this.state.thread?.id === id) this.startNew();
  }

  /** Tell whether an answer helped: `kind` is "positive" or "negative". */
  async giveFeedback(itemIds, kind) {
    await this.#client.request("items.feedback", { thread_id: this.state.thread.id, item_ids: itemIds, kind });
  }

  /** Have the backend handle an action of a widget. */
  async act(itemId, { type, payload, streaming = true }) {
    const params = { thread_id: this.state.thread.id, item_id: itemId, action: { type, payload } };
    if (streaming) {
      this.#again = () => this.act(itemId, { type, payload });
      await this.#run("threads.custom_action", params, { error: null });
      return;
    }
    const { updated_item: item } = await this.#client.request("threads.sync_custom_action", params);
    if (item) this.#update(reduce(this.state, { type: "thread.item.replaced", item }));
  }

  /** Say a failure to the reader. */
  explain(error) {
    const strings = this.#strings();
    if (!(error instanceof RequestError)) return strings.offline;
    // A budget renews in hours or days: the backend says when.
    if (error.status !== 429 || error.retryAfter > 3600) return error.detail ?? strings.failed;
    if (error.retryAfter === null) return strings.busy;
    return fill(strings.busyFor, { time: describeSeconds(Math.max(1, error.retryAfter), strings) });
  }

  /** Have the last question, which the backend has, answered again. */
  async #answerAgain() {
    const question = this.state.items.findLast(({ type }) => type === "user_message");
    const items = this.state.items.slice(0, this.state.items.indexOf(question) + 1);
    const params = { thread_id: this.state.thread.id, item_id: question.id };
    const begin = { items, unfinished: [], notices: [] };
    await this.#run("threads.retry_after_item", params, begin, () => this.#sendAnew(questionText(question)));
  }

  async #sendAnew(text) {
    this.startNew();
    await this.send(text);
  }

  /** Stream a request's events into the state. `onGone` handles a thread that is no more. */
  async #run(type, params, begin, onGone = null) {
    this.#interrupt();
    const controller = (this.#running = new AbortController());
    this.#update({ ...this.state, ...begin, busy: true, progress: null, canStop: true });
    let begun = false;
    try {
      for await (const event of this.#client.stream(type, params, controller)) {
        if (controller.signal.aborted) return;
        begun = true;
        this.#receive(event);
      }
      if (!controller.signal.aborted) this.#finish();
    } catch (error) {
      if (controller.signal.aborted) return;
      if (onGone && isGone(error)) await onGone();
      else this.#fail(begun ? this.#strings().cutOff : this.explain(error), { retry: !isRefusal(error) });
    }
  }

  #receive(event) {
    if (event.type === "client_effect") this.dispatchEvent(new CustomEvent("effect", { detail: event }));
    let state = reduce(this.state, event);
    if (event.type === "thread.item.added" || event.type === "thread.item.done") state = { ...state, arrived: [...state.arrived, event.item.id] };
    if (event.type === "thread.created") this.#memory.local.set("thread", event.thread.id);
    if (event.type === "thread.item.done" && event.item.type === "user_message") state = { ...state, question: null };
    this.#update(state);
  }

  /** The stream came to its end: an answer must be there, or an error that says why not. */
  #finish() {
    const { items, unfinished, error, question, notices } = this.state;
    const answered = items.length > 0 && items.at(-1).type !== "user_message" && unfinished.length === 0 && question === null;
    const told = error || notices.length > 0;
    this.#update({
      ...this.state,
      busy: false,
      progress: null,
      unfinished: [],
      error: answered || told ? error : { message: this.#strings().cutOff, allowRetry: true },
    });
  }

  #fail(message, { retry }) {
    const error = { message, allowRetry: retry };
    this.#update({ ...this.state, busy: false, loading: false, progress: null, unfinished: [], error });
  }

  /** After a stop, take over what the server stored of the answer. */
  async #settle(id) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const loaded = await this.#load(id).catch(() => null);
    if (!loaded || !this.state.stopped || this.state.thread?.id !== id) return;
    // A server that has not stored the partial answer yet must not make it vanish.
    const stored = loaded.items.at(-1)?.type !== "user_message";
    const partial = stored ? [] : this.state.items.filter((item) => !loaded.items.some(({ id: known }) => known === item.id));
    this.#update({ ...this.state, ...loaded, items: [...loaded.items, ...partial], unfinished: [] });
  }

  async #load(id) {
    const thread = await this.#client.request("threads.get_by_id", { thread_id: id });
    if (!thread.items.has_more) return { thread: describeThread(thread), items: thread.items.data, earlier: null };
    const page = await this.#client.request("items.list", { thread_id: id, order: "desc", limit: PAGE_SIZE });
    return { thread: describeThread(thread), items: page.data.toReversed(), earlier: page.has_more ? page.after : null };
  }

  #interrupt() {
    this.#running?.abort();
    this.#running = null;
  }

  #update(state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}

function blank() {
  return { ...emptyState, question: null, busy: false, loading: false, stopped: false, arrived: [], earlier: null };
}

/** Tell whether asking again would only be refused again. */
function isRefusal(error) {
  return error instanceof RequestError && error.status < 500 && error.status !== 429;
}

function isGone(error) {
  return error instanceof RequestError && error.status === 404;
}

/** The text of a user's message, its tags written out. */
export function questionText(item) {
  return item.content.map(({ text }) => text).join("");
}
