// Tabs as WAI-ARIA describes them: one in the tab order, arrows move among them.

import { el, moved } from "page/elements";
import { onLanguage, say } from "page/language";

/** Builds tabs into two places; `kinds` is [{name, build(panel), onShow?}]. */
export function makeTabs(list, panels, kinds) {
  const tabs = kinds.map((kind) => makeTab(kind));
  const built = new Set();

  function show(place, focus = false) {
    tabs.forEach(({ tab, panel }, i) => {
      const chosen = i === place;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      panel.hidden = !chosen;
    });
    const { kind, tab, panel } = tabs[place];
    if (focus) tab.focus();
    if (!built.has(kind.name)) {
      built.add(kind.name);
      kind.build(panel);
    }
    kind.onShow?.();
    remember(kind.name);
  }

  function makeTab(kind) {
    const tab = el("button", {
      role: "tab",
      type: "button",
      id: `tab-${kind.name}`,
      "aria-controls": `panel-${kind.name}`,
      onclick: () => show(kinds.indexOf(kind)),
      onkeydown: (event) => {
        const next = moved(event.key, kinds.indexOf(kind), kinds.length);
        if (next === null) return;
        event.preventDefault();
        show(next, true);
      },
    });
    const panel = el("section", {
      role: "tabpanel",
      id: `panel-${kind.name}`,
      "aria-labelledby": `tab-${kind.name}`,
      class: "panel",
      hidden: true,
    });
    list.append(tab);
    panels.append(panel);
    return { kind, tab, panel };
  }

  function label() {
    for (const { kind, tab } of tabs) tab.textContent = say(`tab.${kind.name}`);
    list.setAttribute("aria-label", say("tabs"));
  }

  // Panels are built anew in another language; what was typed and chosen lives in their tabs.
  function relabel() {
    label();
    built.clear();
    for (const { panel } of tabs) panel.replaceChildren();
    show(tabs.findIndex(({ panel }) => !panel.hidden));
  }

  label();
  onLanguage(relabel);
  const named = kinds.findIndex((kind) => `#${kind.name}` === location.hash);
  show(Math.max(named, 0));
  return {
    /** Builds all tabs anew, because what they are about has changed. */
    renew: relabel,
    /** Shows a tab built anew, because another one changed what it is to show. */
    show(name) {
      const place = kinds.findIndex((kind) => kind.name === name);
      built.delete(name);
      tabs[place].panel.replaceChildren();
      show(place, true);
    },
  };
}

function remember(name) {
  try {
    history.replaceState(null, "", `${location.search}#${name}`);
  } catch {
    // A browser may forbid this for files.
  }
}
