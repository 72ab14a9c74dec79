// The page's words, in the language that was chosen.

import { en } from "page/words/en";
import { lt } from "page/words/lt";

const LANGUAGES = { en, lt };
const KEPT = "vartai-language";
const listeners = [];
let current = first();

/** Codes and own names of the languages there are. */
export const languages = Object.entries(LANGUAGES).map(([code, words]) => ({
  code,
  name: words.language,
}));

export function language() {
  return current;
}

/** Further words of a page, by language. */
export function addWords(more) {
  for (const [code, words] of Object.entries(more)) Object.assign(LANGUAGES[code], words);
}

/** The words for a key, with {names} filled in. A key that is missing is a mistake of ours. */
export function say(key, values = {}) {
  const words = LANGUAGES[current][key];
  if (words === undefined) throw new Error(`no words for ${key}`);
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** The words for one of the names that the program uses, such as a gate's; else the name itself. */
export function called(kind, name) {
  return LANGUAGES[current][`${kind}.${name}`] ?? name;
}

/** A number as it is written in this language. */
export function number(value, digits = 2) {
  return value.toLocaleString(current, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

export function choose(code) {
  current = code;
  try {
    localStorage.setItem(KEPT, code);
  } catch {
    // A file opened from disk may have no storage; the address still remembers.
  }
  const address = new URL(location.href);
  address.searchParams.set("lang", code);
  try {
    history.replaceState(null, "", address);
  } catch {
    // A browser may forbid this for files.
  }
  document.documentElement.lang = code;
  for (const listener of listeners) listener();
}

export function onLanguage(listener) {
  listeners.push(listener);
}

function first() {
  const asked = new URL(location.href).searchParams.get("lang");
  if (asked in LANGUAGES) return asked;
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept in LANGUAGES) return kept;
  } catch {
    // No storage: the browser's own language then.
  }
  const own = navigator.language.slice(0, 2);
  return own in LANGUAGES ? own : "en";
}
