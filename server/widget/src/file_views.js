// Files as chips: a picture or a symbol, a name, and what can be done with them.

import { h, icon, iconButton } from "./dom.js";
import { fill } from "./strings.js";

const THUMBNAIL_PX = 72;

/**
 * Build the chip of a file. `picture()` gives an image's content; it is drawn, not linked, so that
 * no site's policy for images has to allow it. `onRemove` puts a button on the chip.
 */
export function fileChip({ name, note = null, progress = 1, picture = null, onRemove = null, strings }) {
  const face = h("span", { class: "face" }, icon("document"));
  if (picture) showThumbnail(face, picture);
  const label = h("span", { class: "file-label" }, h("span", { class: "truncate" }, name), note ? h("span", { class: "place" }, note) : null);
  return h(
    "li",
    { class: "file-chip" },
    face,
    label,
    onRemove ? iconButton("close", fill(strings.removeFile, { name }), onRemove) : null,
    progress < 1 ? h("progress", { max: "1", value: String(progress), "aria-label": fill(strings.uploading, { name }) }) : null,
  );
}

async function showThumbnail(face, picture) {
  try {
    const bitmap = await createImageBitmap(await picture());
    const side = Math.min(bitmap.width, bitmap.height);
    const canvas = h("canvas", { width: THUMBNAIL_PX, height: THUMBNAIL_PX });
    const [x, y] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
    canvas.getContext("2d").drawImage(bitmap, x, y, side, side, 0, 0, THUMBNAIL_PX, THUMBNAIL_PX);
    face.replaceChildren(canvas);
  } catch {
    // Whatever can't be loaded or read as an image keeps its symbol.
  }
}
