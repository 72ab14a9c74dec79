// Requests to the server. Where it wants a token, people are asked for it once, and it is kept for
// as long as this tab is open.

import { el, freshId } from "page/elements";
import { say } from "page/language";

const KEPT = "vartai-token";
let asking = null;

/** As fetch; bears the token, and asks for it where the server refuses without. */
export async function send(path, init = {}) {
  for (;;) {
    const borne = token();
    const headers = borne ? { ...init.headers, Authorization: `Bearer ${borne}` } : init.headers;
    const response = await fetch(path, { ...init, headers });
    if (response.status !== 401) return response;
    // While one request asks, another may have been given the token already.
    if (token() === borne) await (asking ??= askForToken(borne !== null));
    asking = null;
  }
}

/** As fetch of a JSON body. */
export function post(path, body, init = {}) {
  const headers = { "Content-Type": "application/json" };
  return send(path, { method: "POST", headers, body: JSON.stringify(body), ...init });
}

function token() {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return held;
  }
}

// Where a browser keeps nothing for pages, this page itself does.
let held = null;

function keep(given) {
  held = given;
  try {
    sessionStorage.setItem(KEPT, given);
  } catch {
    // Then it is asked for again after the next reload.
  }
}

function askForToken(another) {
  return new Promise((done) => {
    const name = freshId("token");
    const field = el("input", { id: name, type: "password", autocomplete: "off", required: true });
    const form = el(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          if (!field.value.trim()) return;
          keep(field.value.trim());
          dialog.remove();
          done();
        },
      },
      el("h2", {}, say("token.title")),
      el("p", {}, say(another ? "token.another" : "token.how")),
      el("label", { class: "label", for: name }, say("token.label")),
      el("div", { class: "row" }, field, el("button", { class: "main" }, say("token.go"))),
    );
    const dialog = el("dialog", { class: "card", oncancel: (event) => event.preventDefault() }, form);
    document.body.append(dialog);
    dialog.showModal();
    field.focus();
  });
}
