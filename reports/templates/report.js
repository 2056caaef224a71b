// Filters, search and keys for the report. Reading it needs none of this.
(() => {
  "use strict";
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  root.classList.remove("no-js");

  // Theme: follows the system until it is chosen; the choice is kept where the browser allows it.
  const themes = ["auto", "light", "dark"];
  const remember = (value) => {
    try {
      if (value !== undefined) localStorage.setItem("drift-theme", value);
      return localStorage.getItem("drift-theme");
    } catch {
      return null;
    }
  };
  const setTheme = (theme) => {
    root.dataset.theme = theme;
    byId("theme").textContent = `Theme: ${theme}`;
  };
  setTheme(themes.includes(remember()) ? remember() : "auto");
  byId("theme").addEventListener("click", () => {
    const next = themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length];
    setTheme(next);
    remember(next);
  });

  const say = (text) => {
    byId("said").textContent = text;
  };

  // Copy buttons work on everything, also on what is drawn later.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(button.previousElementSibling);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    say(`Copied ${button.dataset.copy}`);
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });

  // Paper shows everything that is on the page.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const item of opened) item.open = true;
  });
  addEventListener("afterprint", () => {
    for (const item of opened) item.open = false;
  });

  if (!byId("index")) return;

  // ---- Findings: an index of all; nodes for the readable ones, for the others when they are asked for.
  const { facets, names, readable, rows } = JSON.parse(byId("index").textContent);
  const chunkSize = Number(byId("index").dataset.chunk);
  const chunks = [...document.querySelectorAll("script.chunk")];
  const list = byId("list");
  const search = byId("search");
  const ID = facets.length;
  const PAGE = 200;
  const nodes = new Map([...list.children].map((node, i) => [i, node]));
  const chosen = new Map(facets.map((facet) => [facet, new Set()]));
  const column = new Map(facets.map((facet, i) => [facet, i]));
  let words = null;
  let limit = Math.max(PAGE, readable);
  let turn = 0;
  let matches = rows.map((_, i) => i);

  const unpack = async (element) => {
    const bytes = Uint8Array.from(atob(element.textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  };
  const loadWords = async () => {
    if (words) return;
    const found = [];
    try {
      for (const part of document.querySelectorAll("script.words")) found.push(...(await unpack(part)));
      words = found;
    } catch {
      words = rows.map((row) => [row[ID], row[ID + 1], ...facets.map((_, f) => names[f][row[f]])].join(" ").toLowerCase());
      say("This browser searches names and places only, not values.");
    }
  };
  const draw = async (wanted) => {
    const byChunk = new Map();
    for (const i of wanted) {
      if (nodes.has(i)) continue;
      const c = Math.floor((i - readable) / chunkSize);
      if (!byChunk.has(c)) byChunk.set(c, []);
      byChunk.get(c).push(i);
    }
    for (const [c, members] of byChunk) {
      const items = await unpack(chunks[c]);
      for (const i of members) {
        const template = document.createElement("template");
        template.innerHTML = items[i - readable - c * chunkSize];
        nodes.set(i, template.content.querySelector("li"));
      }
    }
  };

  const active = () => search.value.trim() !== "" || [...chosen.values()].some((set) => set.size);
  const apply = async () => {
    const mine = ++turn;
    const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (terms.length) await loadWords();
    if (mine !== turn) return;
    const wanted = [...chosen]
      .filter(([, set]) => set.size)
      .map(([facet, set]) => [column.get(facet), new Set([...set].map((value) => names[column.get(facet)].indexOf(value)))]);
    matches = [];
    for (let i = 0; i < rows.length; i++) {
      if (wanted.every(([c, set]) => set.has(rows[i][c])) && terms.every((term) => words[i].includes(term))) matches.push(i);
    }
    const visible = matches.slice(0, limit);
    try {
      await draw(visible);
    } catch {
      say("This browser cannot draw the findings that are packed in this file; report.json has them.");
    }
    if (mine !== turn) return;
    const show = new Set(visible);
    for (const [i, node] of nodes) {
      if (i < readable) node.hidden = !show.has(i);
      else if (!show.has(i)) {
        node.remove();
        nodes.delete(i);
      }
    }
    list.append(...visible.filter((i) => i >= readable && nodes.has(i)).map((i) => nodes.get(i)));
    const total = rows.length.toLocaleString("en");
    const shown = visible.length.toLocaleString("en");
    const matching = matches.length.toLocaleString("en");
    byId("shown").textContent =
      matches.length === rows.length
        ? visible.length === rows.length ? `All ${total} shown` : `${shown} of ${total} shown`
        : visible.length === matches.length ? `${matching} of ${total} match` : `${matching} of ${total} match, ${shown} shown`;
    byId("more").hidden = visible.length >= matches.length;
    byId("more").textContent = `Show ${Math.min(PAGE, matches.length - visible.length)} more`;
    byId("empty").hidden = matches.length > 0;
    byId("clear").hidden = !active();
    for (const button of document.querySelectorAll("button[data-facet]")) {
      button.setAttribute("aria-pressed", String(chosen.get(button.dataset.facet).has(button.dataset.value)));
    }
    for (const select of document.querySelectorAll("select[data-facet]")) {
      const set = chosen.get(select.dataset.facet);
      select.value = set.size === 1 ? [...set][0] : "";
      select.classList.toggle("on", set.size > 0);
    }
    root.dataset.turn = String(mine);
  };
  const refresh = () => {
    limit = Math.max(PAGE, readable);
    return apply();
  };

  for (const button of document.querySelectorAll("button[data-facet]")) {
    button.disabled = false;
    button.addEventListener("click", () => {
      const set = chosen.get(button.dataset.facet);
      if (!set.delete(button.dataset.value)) set.add(button.dataset.value);
      refresh();
    });
  }
  for (const select of document.querySelectorAll("select[data-facet]")) {
    select.disabled = false;
    select.addEventListener("change", () => {
      const set = chosen.get(select.dataset.facet);
      set.clear();
      if (select.value) set.add(select.value);
      refresh();
    });
  }
  const clear = () => {
    search.value = "";
    for (const set of chosen.values()) set.clear();
    return refresh();
  };
  byId("clear").addEventListener("click", () => { clear(); search.focus(); });
  byId("clear-empty").addEventListener("click", () => { clear(); search.focus(); });
  byId("more").addEventListener("click", () => {
    limit += PAGE;
    apply();
  });
  let typing = 0;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(refresh, rows.length > 2000 ? 150 : 0);
  });
  const shownDetails = () => [...list.querySelectorAll("li:not([hidden]) > details")];
  byId("open-all").addEventListener("click", () => {
    const all = shownDetails();
    const open = all.some((item) => !item.open);
    for (const item of all) item.open = open;
    byId("open-all").textContent = open ? "Close all" : "Open all";
  });

  // ---- A link to a finding works whether or not it is drawn, and wherever the filters stand.
  const goTo = async () => {
    const id = decodeURIComponent(location.hash.replace(/^#finding-/, ""));
    if (!location.hash.startsWith("#finding-")) return;
    const i = rows.findIndex((row) => row[ID] === id);
    if (i < 0) return;
    if (active() && !matches.includes(i)) await clear();
    if (!nodes.get(i)?.isConnected) {
      // Too far down to draw all that is before it: show this one alone, as a search for its id.
      search.value = id;
      await refresh();
    }
    const details = nodes.get(i)?.querySelector("details");
    if (!details) return;
    details.open = true;
    details.scrollIntoView({ block: "start" });
    details.querySelector("summary").focus({ preventScroll: true });
  };
  addEventListener("hashchange", goTo);

  // ---- Keys
  const move = (step) => {
    const all = shownDetails().map((item) => item.querySelector("summary"));
    if (!all.length) return;
    const here = document.activeElement?.closest?.("li.finding")?.querySelector("summary");
    let at = all.indexOf(here);
    if (at < 0) at = step > 0 ? -1 : all.length;
    const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      search.blur();
      refresh();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, select, textarea, [contenteditable]")) return;
    if (event.key === "/") {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
  });

  apply().then(goTo);
})();
