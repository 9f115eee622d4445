// What the widget remembers in the browser; in memory only, where the browser keeps nothing.

const PREFIX = "docs-assistant";

class Shelf {
  #storage;
  #scope;
  #memory = new Map();

  constructor(open, scope) {
    this.#scope = scope;
    try {
      this.#storage = open();
    } catch (error) {
      // Reading the property throws where storage is blocked.
      if (!(error instanceof DOMException)) throw error;
      this.#storage = null;
    }
  }

  get(key) {
    return this.#storage?.getItem(this.#name(key)) ?? this.#memory.get(key) ?? null;
  }

  set(key, value) {
    this.#memory.set(key, value);
    try {
      this.#storage?.setItem(this.#name(key), value);
    } catch (error) {
      // A full or private storage: memory has it.
      if (!(error instanceof DOMException)) throw error;
    }
  }

  remove(key) {
    this.#memory.delete(key);
    this.#storage?.removeItem(this.#name(key));
  }

  #name(key) {
    return `${PREFIX}:${key}:${this.#scope}`;
  }
}

/**
 * What is kept for one backend: `local` for good, `session` while the tab lives. Nothing of one
 * backend is ever read for another, above all not the reader's key.
 */
export class Memory {
  constructor(endpoint) {
    this.local = new Shelf(() => window.localStorage, endpoint);
    this.session = new Shelf(() => window.sessionStorage, endpoint);
  }

  /** The random key by which the backend knows this reader, made at first use: 128 bits in hex. */
  get readerKey() {
    let key = this.local.get("reader");
    if (!key || !/^[0-9a-f]{32}$/.test(key)) {
      key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      this.local.set("reader", key);
    }
    return key;
  }
}
