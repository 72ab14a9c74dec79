// The tab of a captioner: a picture in, its sentence out, and where each word was looked for.

import { card } from "page/card";
import { el, freshId } from "page/elements";
import { draw } from "page/figures";
import { number, say } from "page/language";
import { ask } from "page/source";
import { emptyState, latest, statusLine } from "page/state";

const KINDS = "image/png,image/jpeg,image/gif,image/webp,image/bmp,image/tiff";

export function lookTab(model) {
  const kept = { file: null, address: null, answer: null };
  return { name: "look", build: (panel) => build(panel, model, kept) };
}

function build(panel, model, kept) {
  const status = statusLine();
  const fresh = latest();
  const place = el("div", { class: "answer" });
  const name = freshId("picture");
  const input = el("input", {
    id: name,
    type: "file",
    accept: KINDS,
    onchange: () => input.files.length && look(input.files[0]),
  });
  panel.append(
    el(
      "div",
      { class: "field wide" },
      el("label", { class: "label", for: name }, say("look.choose")),
      input,
    ),
    status.element,
    place,
  );
  if (kept.answer) show();
  else place.append(emptyState(say("look.empty"), el("p", {}, say("look.empty.how"))));

  async function look(file) {
    place.setAttribute("aria-busy", "true");
    status.waiting(say("look.waiting"));
    try {
      if (file.size > model.limits.picture) {
        const most = number(model.limits.picture / 1e6, 0);
        status.note(say("look.large", { most }));
        return;
      }
      const address = await addressOf(file);
      const picture = address.slice(address.indexOf(",") + 1);
      const answer = await fresh((signal) => ask("caption", { name: file.name, picture }, signal));
      if (answer === null) return;
      Object.assign(kept, { file: file.name, answer });
      await show();
    } catch (error) {
      kept.answer = null;
      place.replaceChildren();
      status.failed(error);
    } finally {
      place.removeAttribute("aria-busy");
    }
  }

  async function show() {
    const { caption, seen, notes, figure } = kept.answer;
    status.clear();
    if (notes.length) status.note(notes.join(" · "));
    const map = el("div", { class: "figure" });
    place.replaceChildren(
      card(
        say("look.says"),
        { how: say("look.seen", { file: kept.file }) },
        el("img", { class: "seen", src: seen, alt: caption }),
        el("p", { class: "caption" }, caption || say("look.nothing")),
      ),
      card(
        say("look.where"),
        { how: say(figure ? "look.how" : "look.nowhere") },
        map,
      ),
    );
    if (figure) await draw(map, figure, { asWritten: true });
  }
}

function addressOf(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new TypeError(`fetch of ${file.name}`));
    reader.readAsDataURL(file);
  });
}
