// The files of the message being written: a button that adds some, and a chip for each.

import { h, iconButton } from "./dom.js";
import { fileChip } from "./file_views.js";
import { describeSize } from "./uploads.js";

export class DraftFiles {
  #strings;
  #chips = new Map();

  /** `uploads` holds the files; `list`, `button` and `input` are for the composer to place. */
  constructor({ uploads, strings }) {
    this.uploads = uploads;
    this.#strings = strings;
    this.list = h("ul", { class: "files", "aria-label": strings.files, hidden: true });
    this.input = h("input", { type: "file", multiple: true, hidden: true, on: { change: () => this.#chosen() } });
    this.button = iconButton("attach", strings.attach, () => this.input.click());
    uploads.addEventListener("change", () => this.#show());
  }

  #chosen() {
    this.uploads.add([...this.input.files]);
    // The same file can be chosen again.
    this.input.value = "";
  }

  #show() {
    const { files } = this.uploads;
    for (const [file, chip] of this.#chips) {
      if (files.includes(file)) continue;
      chip.remove();
      this.#chips.delete(file);
    }
    for (const file of files) {
      if (!this.#chips.has(file)) {
        this.#chips.set(file, this.#chip(file));
        this.list.append(this.#chips.get(file));
      }
      const bar = this.#chips.get(file).querySelector("progress");
      if (file.attachment) bar?.remove();
      else if (bar) bar.value = file.progress;
    }
    this.list.hidden = files.length === 0;
  }

  #chip(file) {
    const { name, size, blob, type = "", attachment } = file;
    const isImage = (blob?.type ?? type).startsWith("image/");
    const remove = () => {
      this.uploads.remove(file);
      this.button.focus();
    };
    const picture = isImage ? async () => blob : null;
    return fileChip({ name, note: size ? describeSize(size) : null, progress: attachment ? 1 : 0, picture, onRemove: remove, strings: this.#strings });
  }
}
