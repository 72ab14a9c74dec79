// Where answers come from: the server on this machine, or what a report holds.

import { post, send } from "page/door";

const held = document.getElementById("stored");
const stored = held ? JSON.parse(held.textContent) : null;

export const isReport = stored !== null;

/** What the server, or the report, refuses; its message is meant for people. */
export class Refusal extends Error {}

/** Facts about the opened model. */
export async function open() {
  if (isReport) return stored.model;
  return read(await send("api/model"));
}

/** The answer to a question, such as ask("read", {given: {text: "…"}}). */
export async function ask(route, body, signal) {
  if (isReport) {
    const answer = stored.answers[key(route, body)];
    if (answer === undefined) throw new Refusal("absent");
    return answer;
  }
  return read(await post(`api/${route}`, body, { signal }));
}

/** Whether a report holds an answer; a server always may. */
export function canAsk(route, body) {
  return !isReport || key(route, body) in stored.answers;
}

/** Questions of a report, as they were asked when it was written. */
export function asked(route) {
  if (!isReport) return [];
  const start = `${route} `;
  return Object.keys(stored.answers)
    .filter((one) => one.startsWith(start))
    .map((one) => JSON.parse(one.slice(start.length)));
}

/** The JSON of an answer. Throws a Refusal with its words where it is one. */
export async function read(response) {
  let answer;
  try {
    answer = await response.json();
  } catch {
    throw new Refusal(`${response.status} ${response.statusText}`);
  }
  if (!response.ok) throw new Refusal(answer.error);
  return answer;
}

function key(route, body) {
  return `${route} ${JSON.stringify(sorted(body))}`;
}

// Python writes the same keys: names sorted, no blanks.
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]));
}
