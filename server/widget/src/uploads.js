// Files that go with the message being written: sent to the backend as soon as they are chosen.

import { RequestError } from "./client.js";
import { explain } from "./explain.js";
import { fill } from "./strings.js";

// What systems call these differs, or they call them nothing.
const TYPE_BY_ENDING = {
  md: "text/markdown",
  markdown: "text/markdown",
  csv: "text/csv",
  json: "application/json",
  yaml: "application/yaml",
  yml: "application/yaml",
  toml: "application/toml",
  py: "text/x-python",
};
const TEXT_ENDINGS = new Set(
  "txt log out err ini cfg conf env properties rst adoc tex js mjs cjs ts tsx jsx vue svelte go rs java kt scala c h cc cpp hpp cs rb php pl sh bash zsh ps1 sql xml html css scss tf lua r swift diff patch lock".split(" "),
);

/** Tell what type a file is registered as; null when the backend takes none like it. */
export function mediaTypeOf({ name, type }, accepted) {
  const ending = name.toLowerCase().split(".").at(-1);
  const named = TYPE_BY_ENDING[ending] ?? type.split(";")[0];
  if (accepted.includes(named)) return named;
  const isText = TEXT_ENDINGS.has(ending) || type.startsWith("text/");
  return isText && accepted.includes("text/plain") ? "text/plain" : null;
}

/** Say a size in bytes as people do. */
export function describeSize(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/**
 * The files of a message. Fires `change` when a file came, went, or is further on its way, and
 * `refused` with a sentence that says why a file is not taken. `files` have `name`, `size`,
 * `progress` from 0 to 1, `blob`, and `attachment` once the backend has them.
 */
export class Uploads extends EventTarget {
  #client;
  #strings;
  #limits;

  files = [];

  constructor({ client, strings, limits }) {
    super();
    this.#client = client;
    this.#strings = strings;
    this.#limits = limits;
  }

  /** Whether some file is still on its way. */
  get busy() {
    return this.files.some(({ attachment }) => attachment === null);
  }

  /** Take files as far as the backend does. */
  add(blobs) {
    const { most, max_bytes: maxBytes, media_types: types } = this.#limits;
    for (const blob of blobs) {
      const { name, size } = blob;
      const type = mediaTypeOf(blob, types);
      if (this.files.length >= most) this.#refuse(this.#strings.tooManyFiles, { count: most });
      else if (size === 0) this.#refuse(this.#strings.fileEmpty, { name });
      else if (size > maxBytes) this.#refuse(this.#strings.fileTooLarge, { name, size: describeSize(maxBytes) });
      else if (type === null) this.#refuse(this.#strings.fileType, { name });
      else this.#send({ name, size, type, blob, progress: 0, attachment: null, controller: new AbortController() });
    }
  }

  /** Drop a file, on its way or there. */
  remove(file) {
    this.files = this.files.filter((other) => other !== file);
    file.controller.abort();
    // One that stays behind is deleted by the backend in its own time.
    if (file.attachment) this.#client.request("attachments.delete", { attachment_id: file.attachment.id }).catch(() => {});
    this.#changed();
  }

  /** Hand over the files, which are all there, to a message. */
  take() {
    const taken = this.files.map(({ attachment }) => attachment);
    this.files = [];
    this.#changed();
    return taken;
  }

  /** Take back the files of a message that was not sent. */
  restore(attachments) {
    const back = ({ name, blob, ...rest }) => ({ name, size: blob?.size ?? 0, blob, progress: 1, attachment: { name, blob, ...rest }, controller: new AbortController() });
    this.files = [...attachments.map(back), ...this.files];
    this.#changed();
  }

  async #send(file) {
    this.files = [...this.files, file];
    this.#changed();
    const { name, size, type, blob, controller } = file;
    const { signal } = controller;
    const onProgress = (progress) => {
      file.progress = progress;
      this.#changed();
    };
    try {
      const created = await this.#client.request("attachments.create", { name, size, mime_type: type }, { signal });
      if (created.upload_descriptor) await this.#client.upload(created.upload_descriptor, blob, { signal, onProgress });
      file.attachment = { ...created, blob };
      onProgress(1);
    } catch (error) {
      if (signal.aborted) return;
      this.files = this.files.filter((other) => other !== file);
      this.#changed();
      const reason = error instanceof RequestError ? explain(error, this.#strings) : this.#strings.offline;
      this.#refuse(this.#strings.fileFailed, { name, reason });
    }
  }

  #refuse(template, values) {
    this.dispatchEvent(new CustomEvent("refused", { detail: fill(template, values) }));
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
