// The reader's threads, as the backend keeps them.

import { RequestError } from "./client.js";
import { describeThread } from "./reducer.js";

const PAGE_SIZE = 50;

export class Threads {
  #client;

  constructor(client) {
    this.#client = client;
  }

  /** Load a thread with its newest items; `earlier` is the cursor of those before them, or null. */
  async load(id) {
    const thread = await this.#client.request("threads.get_by_id", { thread_id: id });
    if (!thread.items.has_more) return { thread: describeThread(thread), items: thread.items.data, earlier: null };
    return { thread: describeThread(thread), ...(await this.itemsBefore(id)) };
  }

  /** Load a page of items from before a cursor, the oldest first. */
  async itemsBefore(id, cursor = null) {
    const params = { thread_id: id, order: "desc", limit: PAGE_SIZE, ...(cursor ? { after: cursor } : {}) };
    const page = await this.#client.request("items.list", params);
    return { items: page.data.toReversed(), earlier: page.has_more ? page.after : null };
  }

  /** List threads, newest first: `{data, has_more, after}`. */
  list(after) {
    return this.#client.request("threads.list", { limit: 20, order: "desc", ...(after ? { after } : {}) });
  }

  /** Delete a thread for good, unless it is gone already. */
  async remove(id) {
    try {
      await this.#client.request("threads.delete", { thread_id: id });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}

/** Tell whether an error says that what was asked for is no more. */
export function isGone(error) {
  return error instanceof RequestError && error.status === 404;
}

/** Tell whether asking again would only be refused again. */
export function isRefusal(error) {
  return error instanceof RequestError && error.status < 500 && error.status !== 429;
}
