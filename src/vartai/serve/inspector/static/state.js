// What a place of the page shows while it waits, fails, or has nothing yet.

import { el } from "page/elements";
import { Refusal } from "page/source";
import { say } from "page/language";

/** A line that tells of waiting and failing; readers of screens hear it. */
export function statusLine() {
  const line = el("p", { class: "status", role: "status" });
  return {
    element: line,
    waiting(words) {
      line.className = "status waiting";
      line.textContent = words;
    },
    clear() {
      line.className = "status";
      line.textContent = "";
    },
    note(text) {
      line.className = "status note";
      line.textContent = text;
    },
    failed(error) {
      line.className = "status failed";
      line.textContent = explain(error);
    },
  };
}

/** What went wrong, in words. */
export function explain(error) {
  if (error instanceof Refusal) {
    return error.message === "absent" ? say("report.absent") : say("refused", { why: error.message });
  }
  if (error instanceof TypeError && /fetch/i.test(error.message)) return say("gone");
  throw error;
}

export function emptyState(title, ...parts) {
  return el("div", { class: "empty" }, el("h2", {}, title), parts);
}

/** Runs one question at a time: a newer one makes the answer to an older one worthless. */
export function latest() {
  let controller = null;
  return async (act) => {
    controller?.abort();
    const mine = new AbortController();
    controller = mine;
    try {
      const answer = await act(mine.signal);
      return mine.signal.aborted ? null : answer;
    } catch (error) {
      if (mine.signal.aborted) return null;
      throw error;
    }
  };
}
