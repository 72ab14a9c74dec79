// A picture to be described: a file that is chosen, and its bytes in base64.

import { el, freshId } from "page/elements";
import { say } from "page/language";

const KINDS = "image/png,image/jpeg,image/gif,image/webp,image/bmp,image/tiff";

/** A field for one picture, by the calls of a composer. */
export function pictureField() {
  const id = freshId("picture");
  const input = el("input", { id, type: "file", accept: KINDS });
  const label = el("label", { class: "label", for: id }, say("ask.picture"));
  return {
    element: el("div", { class: "field wide" }, label, input),
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
