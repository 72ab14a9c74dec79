// A picture to be described: a file that is chosen, and its bytes in base64.

import { el, freshId } from "page/elements";
import { say } from "page/language";

const KINDS = "image/png,image/jpeg,image/gif,image/webp,image/bmp,image/tiff";

/** A field for one picture, by the calls of a composer. */
export function pictureField() {
  const id = freshId("picture");
  const input = el("input", { id, type: "file", accept: KINDS });
  const label = el("label", { class: "label", for: id }, say("ask.picture"));
  const shown = el("img", { class: "seen", hidden: true });
  // A TIFF, say, is a picture for the model and none for a browser.
  shown.addEventListener("error", () => (shown.hidden = true));
  input.addEventListener("change", () => {
    URL.revokeObjectURL(shown.src);
    const [file] = input.files;
    shown.hidden = file === undefined;
    if (file === undefined) return;
    shown.src = URL.createObjectURL(file);
    shown.alt = file.name;
  });
  return {
    element: el("div", { class: "field wide" }, label, input, shown),
    values: () => ({ file: input.files[0] ?? null }),
    focus: () => input.focus(),
  };
}

export function inBase64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
