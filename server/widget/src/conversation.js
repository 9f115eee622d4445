// The conversation that is open: what it holds, and what can be done with it.

import { explain, isModelRefusal } from "./explain.js";
import { messageInput, withoutFiles } from "./messages.js";
import { describeThread, emptyState, reduce } from "./reducer.js";
import { isGone, isRefusal, Threads } from "./threads.js";

// A server learns of a stop by the closed connection, and then stores what there was.
const SETTLE_MS = 700;

/**
 * Holds a thread's state and talks to the backend.
 *
 * Fires `change` whenever `state` is another; `unsent` with a message that was stopped or refused
 * before it was stored, which a listener that can't take it back prevents; then `refused` with why, or
 * `modelrefused`; `effect` for the backend's client effects; and `toolcall` with the item by which
 * the backend asks the page for something, which `reportTool` answers. Beyond the reducer's fields
 * the state has: `question`, a message sent and not yet confirmed; `busy`; `loading`; `stopped`;
 * `arrived`, ids of items that came while the reader waited; `earlier`, the cursor of older
 * messages, or null.
 */
export class Conversation extends EventTarget {
  #client;
  #threads;
  #memory;
  #strings;
  #running = null;
  #again = null;
  // Changes of one card are made one after the other, lest one undoes another.
  #changes = Promise.resolve();

  state = blank();

  constructor({ client, memory, strings }) {
    super();
    this.#client = client;
    this.#threads = new Threads(client);
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
      const loaded = await this.#threads.load(id);
      if (this.#running === token) this.#update({ ...blank(), ...loaded });
    } catch (error) {
      if (this.#running !== token) return;
      if (isGone(error)) this.startNew();
      else {
        this.#again = () => this.open(id);
        this.#fail(error);
      }
    }
  }

  /** Leave the open thread, which stays in the history, for an empty one. */
  startNew() {
    this.#interrupt();
    this.#memory.local.remove("thread");
    this.#update(blank());
  }

  /** Send a message in the open thread, or in a new one. */
  async send(message) {
    if (this.state.busy || this.state.loading) return;
    const { thread } = this.state;
    const input = messageInput(message);
    this.#again = () => (this.state.question === null ? this.#answerAgain() : this.send(message));
    const begin = { question: message, error: null, stopped: false, notices: [] };
    if (!thread) {
      await this.#run("threads.create", { input }, begin);
      return;
    }
    await this.#run("threads.add_user_message", { thread_id: thread.id, input }, begin, () => this.#sendAnew(message));
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
    this.#again = () => this.loadEarlier();
    try {
      const { items, earlier: next } = await this.#threads.itemsBefore(thread.id, earlier);
      if (this.state.thread?.id === thread.id) this.#update({ ...this.state, items: [...items, ...this.state.items], earlier: next });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** List the reader's threads, newest first: `{data, has_more, after}`. */
  listThreads(after) {
    return this.#threads.list(after);
  }

  /** Delete a thread for good, and leave it if it is open. */
  async deleteThread(id) {
    await this.#threads.remove(id);
    if (this.state.thread?.id === id) this.startNew();
  }

  /** Tell whether an answer helped: `kind` is "positive" or "negative". */
  async giveFeedback(itemIds, kind) {
    await this.#client.request("items.feedback", { thread_id: this.state.thread.id, item_ids: itemIds, kind });
  }

  /** Have the backend handle an action of a widget. */
  async act(itemId, { type, payload, streaming = true }) {
    const params = { thread_id: this.state.thread.id, item_id: itemId, action: { type, payload } };
    this.#again = () => this.act(itemId, { type, payload, streaming });
    if (streaming) {
      await this.#run("threads.custom_action", params, { error: null });
      return;
    }
    this.#changes = this.#changes.then(() => this.#change(params));
    await this.#changes;
  }

  /** Give what the page did for a call of the backend's, and let the answer go on. */
  async reportTool(item, result) {
    const done = { ...item, status: "completed", output: result };
    const params = { thread_id: this.state.thread.id, result };
    this.#again = () => this.#answerAgain();
    await this.#run("threads.add_client_tool_output", params, { ...reduce(this.state, { type: "thread.item.replaced", item: done }), error: null });
  }

  /** Answer a form of the backend's: `submission` has `status` and `answers`. */
  async answerForm(itemId, submission) {
    const params = { thread_id: this.state.thread.id, item_id: itemId, input: submission };
    this.#again = () => {
      const { status } = this.state.items.find(({ id }) => id === itemId);
      return status === "pending" ? this.answerForm(itemId, submission) : this.#answerAgain();
    };
    await this.#run("threads.add_structured_input", params, { error: null });
  }

  async #change(params) {
    try {
      const { updated_item: item } = await this.#client.request("threads.sync_custom_action", params);
      if (item && this.state.thread?.id === params.thread_id) this.#update(reduce(this.state, { type: "thread.item.replaced", item }));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Have the last question, which the backend has, answered again. */
  async #answerAgain() {
    const question = this.state.items.findLast(({ type }) => type === "user_message");
    const items = this.state.items.slice(0, this.state.items.indexOf(question) + 1);
    const params = { thread_id: this.state.thread.id, item_id: question.id };
    const begin = { items, unfinished: [], notices: [] };
    await this.#run("threads.retry_after_item", params, begin, () => this.#sendAnew(question));
  }

  async #sendAnew(message) {
    this.startNew();
    await this.send(withoutFiles(message));
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
      else if (!isRefusal(error) || !this.#giveBack(error)) this.#fail(error, begun ? this.#strings().cutOff : undefined);
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
    const last = items.at(-1);
    const answered = last !== undefined && last.type !== "user_message" && unfinished.length === 0 && question === null;
    const told = error || notices.length > 0;
    this.#update({
      ...this.state,
      busy: false,
      progress: null,
      unfinished: [],
      error: answered || told ? error : { message: this.#strings().cutOff, allowRetry: true },
    });
    if (answered && !error && last.type === "client_tool_call" && last.status === "pending") this.dispatchEvent(new CustomEvent("toolcall", { detail: last }));
  }

  #fail(error, message = explain(error, this.#strings())) {
    this.#update({ ...this.state, busy: false, loading: false, progress: null, unfinished: [], error: { message, allowRetry: !isRefusal(error) } });
  }

  /** After a stop, take over what the server stored of the answer. */
  async #settle(id) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const loaded = await this.#threads.load(id).catch(() => null);
    if (!loaded || !this.state.stopped || this.state.thread?.id !== id) return;
    // A server that has not stored the partial answer yet must not make it vanish.
    const stored = loaded.items.at(-1)?.type !== "user_message";
    const partial = stored ? [] : this.state.items.filter((item) => !loaded.items.some(({ id: known }) => known === item.id));
    this.#update({ ...this.state, ...loaded, items: [...loaded.items, ...partial], unfinished: [] });
  }

  /** Hand a question that was refused back to the reader, to be changed. Returns whether they have it. */
  #giveBack(error) {
    const { question } = this.state;
    if (question !== null && !this.dispatchEvent(new CustomEvent("unsent", { detail: question, cancelable: true }))) return false;
    if (question === null && !isModelRefusal(error)) return false;
    this.#update({ ...this.state, busy: false, progress: null, question: null });
    if (isModelRefusal(error)) this.dispatchEvent(new Event("modelrefused"));
    else this.dispatchEvent(new CustomEvent("refused", { detail: explain(error, this.#strings()) }));
    return true;
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
