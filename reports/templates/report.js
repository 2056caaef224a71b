// Search, filters, groups and keys for the report; rows are drawn as they come into view. Reading the severest
// findings needs none of this. Everything that comes from a cloud becomes text nodes: no string is ever markup.
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

  const say = (text) => (byId("said").textContent = text);

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

  // Paper shows everything that is on the page, opened.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const item of opened) item.open = true;
  });
  addEventListener("afterprint", () => {
    for (const item of opened) item.open = false;
  });

  if (!byId("index")) return;

  // ---- Unpacking
  const bytesOf = (text) => {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    const raw = atob(text);
    const bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return bytes;
  };
  const unpack = (element) => {
    // Written in one piece: a Blob's way leads through another process.
    const { writable, readable } = new DecompressionStream("deflate");
    const writer = writable.getWriter();
    for (const done of [writer.write(bytesOf(element.textContent)), writer.close()]) done.catch(() => {});
    return new Response(readable).text();
  };

  // ---- Drawing: a tree of the report's is a text, or [tag.class, {attributes}, children…].
  const ATTRIBUTES = new Set(["aria-label", "class", "data-copy", "data-id", "datetime", "href", "id", "title"]);
  const draw = (node) => {
    if (typeof node === "string") return document.createTextNode(node);
    const [tag, ...classes] = node[0].split(".");
    const element = document.createElement(tag);
    if (classes.length) element.className = classes.join(" ");
    let from = 1;
    if (node[1] && typeof node[1] === "object" && !Array.isArray(node[1])) {
      from = 2;
      for (const [name, value] of Object.entries(node[1])) {
        if (!ATTRIBUTES.has(name) || (name === "href" && !/^(https?:\/\/|#)/i.test(value))) continue;
        element.setAttribute(name, value);
        if (name === "href" && !value.startsWith("#")) {
          element.target = "_blank";
          element.rel = "noopener noreferrer";
        }
      }
    }
    if (tag === "button") element.type = "button";
    for (let i = from; i < node.length; i++) element.append(draw(node[i]));
    return element;
  };

  // A shape is a tree with holes: what of it a finding's values fill, as trees. reports/shape.py says how.
  const filled = (shape, values) => {
    if (typeof shape === "string") return [shape];
    const [tag, ...children] = shape;
    const each = (some) => some.flatMap((one) => filled(one, values));
    if (tag === "=") return [values[children[0]] || []].flatMap((one) => (typeof one === "string" ? [one] : one));
    if (tag === "?" || tag === "!") {
      const some = children[0].split(" ").some((name) => (values[name] || "").length);
      return some === (tag === "?") ? each(children.slice(1)) : [];
    }
    if (children[0] && typeof children[0] === "object" && !Array.isArray(children[0])) {
      const said = Object.entries(children[0]).map(([name, value]) => [name, Array.isArray(value) ? values[value[1]] || "" : value]);
      return [[tag, Object.fromEntries(said), ...each(children.slice(1))]];
    }
    return [[tag, ...each(children)]];
  };

  const LABELS = {
    severity: "Severity", kind: "Kind", status: "Status", owner: "Owner", provider: "Provider", account: "Account",
    region: "Region", type: "Type", environment: "Environment", since: "Since",
  };
  const VALUES = { "1d": "one day", "7d": "2 to 7 days", "30d": "8 to 30 days", older: "longer" };
  const ORDERS = {
    severity: ["critical", "high", "medium", "low", "info", "pending"],
    kind: ["changed", "missing", "unmanaged"],
    status: ["new", "flapping", "recurring", "unknown", "pending"],
    since: ["1d", "7d", "30d", "older"],
  };
  const BLOCK = 40;
  const OPEN_MOST = 200;
  const number = (value) => value.toLocaleString("en");

  const start = ({ facets, together, few, texts, body }) => {
    const total = texts.id.length;
    // They stand behind this script: rows are drawn and searched while the browser still reads them.
    const bodies = new Promise((done) => {
      const find = () => done(document.querySelectorAll("script.bodies"));
      if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", find, { once: true });
      else find();
    });
    const search = byId("search");
    const list = byId("list");
    const said = (column, i) => few[column].names[few[column].rows[i]];
    const placeOf = (i) => ["provider", "account", "region"].map((part) => said(part, i)).filter(Boolean).join(" ");
    const numberOf = (id) => (id ? texts.id.indexOf(id) : -1);
    const sought = [...facets.filter((facet) => facet !== "since"), "why", "origin"];
    const searched = sought.map((column) => few[column].names.map((name) => name.toLowerCase()));
    const rowsOf = sought.map((column) => few[column].rows);
    const chosen = new Map(facets.map((facet) => [facet, new Set()]));
    const open = new Set();
    let group = "";
    let words = null;
    let matches = [];
    let blocks = [];
    let at = -1; // the place in matches that the keys stand on
    let turn = 0;

    const loadWords = (async () => {
      // After the first picture, so that opening does not wait for it.
      await new Promise((done) => setTimeout(done, 0));
      words = (await unpack(byId("words"))).split("\n");
      root.dataset.search = "ready";
    })();

    const unpacked = new Map();
    const bodyOf = async (i) => {
      const chunk = Math.floor(i / together);
      if (!unpacked.has(chunk)) {
        if (unpacked.size > 50) unpacked.delete(unpacked.keys().next().value);
        unpacked.set(chunk, bodies.then((all) => unpack(all[chunk])).then(JSON.parse));
      }
      const own = Object.entries(await unpacked.get(chunk)).map(([name, column]) => [name, column[i % together]]);
      const row = { why: said("why", i), owner: said("owner", i), age: said("age", i), place: placeOf(i), id: texts.id[i] };
      return filled(body, { ...row, ...Object.fromEntries(own) })[0];
    };

    // ---- Rows
    const breakable = (text) => text.split(/(?<=[/:.])(?=\w)/).flatMap((part, n) => (n ? [["wbr"], part] : [part]));
    const row = (i) => {
      const severity = said("severity", i);
      const status = said("status", i);
      const known = ["new", "flapping", "unknown"].includes(status);
      return draw(["summary",
        ["span.c-sev", [`span.sev.${severity}`, severity]],
        ["span.c-name", ["b", texts.name[i]], " ", ["small", ...breakable(said("type", i))]],
        ["span.c-what", ...(said("why", i) ? [["span", said("why", i)]] : []), " ", ...(texts.what[i] ? [["span", texts.what[i]]] : [])],
        ["span.c-kind", ...[said("kind", i)].filter(Boolean)],
        ["span.c-owner", said("owner", i)],
        ["span.c-place", ...[placeOf(i)].filter(Boolean)],
        ["span.c-age", ...[known && [`em.status.${status}`, status], " ", said("age", i)].filter(Boolean)],
      ]);
    };
    const item = (i) => {
      const details = document.createElement("details");
      const entry = document.createElement("li");
      entry.className = "finding";
      entry.dataset.i = i;
      details.append(row(i));
      entry.append(details);
      details.addEventListener("toggle", () => {
        if (details.open) open.add(i);
        else open.delete(i);
        if (details.open) fill(details, i);
      });
      if (open.has(i)) details.open = true;
      return entry;
    };
    const fill = async (details, i) => {
      if (details.childElementCount > 1) return;
      const body = document.createElement("div");
      body.className = "reading";
      details.append(body);
      try {
        body.replaceChildren(draw(await bodyOf(i)));
      } catch {
        body.textContent = "This browser cannot unpack what is in this file; report.json has it.";
      }
      body.className = "read";
    };

    // ---- Blocks: a few rows each, drawn when they come near the screen, emptied when they are far from it.
    const sight = new IntersectionObserver((seen) => {
      for (const { target, isIntersecting } of seen) {
        const block = blocks[target.dataset.b];
        if (!block || block.element !== target) continue;
        if (isIntersecting) show(block);
        else if (block.drawn && blocks.length > 6 && !holds(block)) hide(block);
      }
    }, { rootMargin: "1200px 0px" });
    // What the keys stand on, or a link went to, is not taken away.
    const holds = ({ element, from, rows }) =>
      element.contains(document.activeElement) || (at >= from && at < from + rows.length);
    const show = (block) => {
      if (block.drawn) return;
      block.drawn = true;
      block.element.style.removeProperty("height");
      block.element.replaceChildren(...block.rows.map(item));
    };
    const hide = (block) => {
      block.drawn = false;
      block.element.style.height = `${block.element.offsetHeight}px`;
      block.element.replaceChildren();
    };
    const lay = () => {
      sight.disconnect();
      blocks = [];
      const made = [];
      let heading = null;
      for (let from = 0; from < matches.length; ) {
        const name = group ? groupOf(matches[from]) : null;
        let to = from + 1;
        while (to < matches.length && to - from < BLOCK && (!group || groupOf(matches[to]) === name)) to++;
        if (group && name !== heading) {
          heading = name;
          made.push(draw(["h3.group", name || `no ${group}`, " ", ["b", number(groups.get(name))]]));
        }
        const element = document.createElement("ol");
        element.className = "block";
        element.setAttribute("role", "list");
        element.dataset.b = blocks.length;
        element.start = from + 1;
        // A guess until it was drawn once: the height of a row.
        element.style.height = `${(to - from) * (innerWidth < 900 ? 124 : 62)}px`;
        blocks.push({ element, rows: matches.slice(from, to), from, drawn: false });
        made.push(element);
        from = to;
      }
      list.replaceChildren(...made);
      if (blocks.length) show(blocks[0]);
      for (const { element } of blocks) sight.observe(element);
    };

    let groups = new Map();
    const groupOf = (i) => (group === "place" ? placeOf(i) : said(group, i));

    // ---- Filters
    const apply = async () => {
      const mine = ++turn;
      const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      if (terms.length) await loadWords.catch(() => say("This browser cannot search here; report.json has all."));
      if (mine !== turn) return;
      const wanted = facets.map((facet) => {
        const set = chosen.get(facet);
        return set.size ? few[facet].names.map((name) => set.has(name)) : null;
      });
      const counts = facets.map((facet) => new Uint32Array(few[facet].names.length));
      const columns = facets.map((facet) => few[facet].rows);
      // A word is looked for once in each value of the columns of few, and in what is each finding's own.
      const fitting = terms.map((term) => searched.map((names) => names.map((name) => name.includes(term))));
      const found = (term, n, i) => rowsOf.some((rows, c) => fitting[n][c][rows[i]]) || words[i].includes(term);
      matches = [];
      for (let i = 0; i < total; i++) {
        if (terms.length && !(words && terms.every((term, n) => found(term, n, i)))) continue;
        let failed = -1;
        for (let f = 0; f < columns.length && failed !== -2; f++) {
          if (wanted[f] && !wanted[f][columns[f][i]]) failed = failed === -1 ? f : -2;
        }
        if (failed === -1) {
          matches.push(i);
          for (let f = 0; f < columns.length; f++) counts[f][columns[f][i]]++;
        } else if (failed >= 0) counts[failed][columns[failed][i]]++;
      }
      if (group) {
        groups = new Map();
        for (const i of matches) groups.set(groupOf(i), (groups.get(groupOf(i)) || 0) + 1);
        // Findings come severest first: a group stands where its first one stood.
        const order = new Map([...groups.keys()].map((name, n) => [name, n]));
        matches.sort((a, b) => order.get(groupOf(a)) - order.get(groupOf(b)) || a - b);
      }
      at = -1;
      lay();
      tell(counts, terms);
      root.dataset.turn = String(mine);
    };
    const active = () => search.value.trim() !== "" || [...chosen.values()].some((set) => set.size);
    const tell = (counts) => {
      byId("shown").textContent = matches.length === total ? `${number(total)} findings` : `${number(matches.length)} of ${number(total)} match`;
      byId("empty").hidden = matches.length > 0;
      byId("clear").hidden = !active();
      byId("open-all").hidden = matches.length > OPEN_MOST || !matches.length;
      byId("open-all").textContent = "Open all";
      byId("group").value = group;
      const filters = [...chosen.values()].reduce((sum, set) => sum + set.size, 0);
      byId("filters").textContent = filters ? `Filter (${filters})` : "Filter";
      const shown = new Set(matches.slice(0, 5000));
      [...byId("plain").children].forEach((node, i) => (node.hidden = !shown.has(i)));
      drawFacets(counts);
    };

    // ---- The side: what there is, how often, and what is chosen.
    const whole = new Set();
    const folded = new Set(["region", "type", "environment", "account"]);
    const drawFacets = (counts) => {
      const held = document.activeElement?.dataset?.key;
      byId("facets").replaceChildren(...facets.map((facet, f) => {
        const names = few[facet].names;
        const set = chosen.get(facet);
        if (names.filter(Boolean).length < 2 && !set.size) return null;
        const order = ORDERS[facet] || [];
        const rank = (n) => (order.includes(names[n]) ? order.indexOf(names[n]) : order.length);
        const all = names.map((_, n) => n).filter((n) => names[n]);
        all.sort((a, b) => rank(a) - rank(b) || counts[f][b] - counts[f][a] || (names[a] < names[b] ? -1 : 1));
        const most = whole.has(facet) ? 500 : 7;
        const shown = all.filter((n, place) => place < most || set.has(names[n]));
        const details = document.createElement("details");
        details.className = "facet";
        details.open = set.size > 0 || !folded.has(facet);
        details.append(draw(["summary", { "data-id": facet }, LABELS[facet], ...(set.size ? [" ", ["b", String(set.size)]] : [])]));
        details.firstChild.dataset.key = `facet ${facet}`;
        details.addEventListener("toggle", () => (details.open ? folded.delete(facet) : folded.add(facet)));
        for (const n of shown) details.append(box(facet, names[n], counts[f][n]));
        for (const name of set) if (!names.includes(name)) details.append(box(facet, name, 0));
        if (all.length > shown.length || whole.has(facet)) {
          const more = draw(["button.link", whole.has(facet) ? "Fewer" : `${number(all.length - shown.length)} more`]);
          more.dataset.key = `more ${facet}`;
          more.addEventListener("click", () => {
            if (!whole.delete(facet)) whole.add(facet);
            drawFacets(counts);
          });
          details.append(more);
        }
        return details;
      }).filter(Boolean));
      if (held) [...byId("facets").querySelectorAll("[data-key]")].find((one) => one.dataset.key === held)?.focus();
    };
    const box = (facet, name, count) => {
      const label = draw(["label", ["input"], ["span", (facet === "since" && VALUES[name]) || name], ["b", number(count)]]);
      if (!count) label.className = "none";
      const input = label.firstChild;
      input.type = "checkbox";
      input.checked = chosen.get(facet).has(name);
      input.dataset.key = `${facet} ${name}`;
      input.addEventListener("change", () => {
        const set = chosen.get(facet);
        if (!set.delete(name)) set.add(name);
        changed();
      });
      return label;
    };

    // ---- The address holds the filter, so that it can be sent.
    const write = () => {
      const parts = [];
      if (search.value.trim()) parts.push(`q=${encodeURIComponent(search.value.trim())}`);
      for (const [facet, set] of chosen) {
        if (set.size) parts.push(`${facet}=${[...set].map(encodeURIComponent).join(",")}`);
      }
      if (group) parts.push(`group=${group}`);
      history.replaceState(null, "", `#${parts.join("&")}`);
    };
    const decode = (text) => {
      try {
        return decodeURIComponent(text);
      } catch {
        return text;
      }
    };
    const read = () => {
      search.value = "";
      group = "";
      for (const set of chosen.values()) set.clear();
      for (const part of location.hash.slice(1).split("&")) {
        const [name, value = ""] = part.split(/=(.*)/s);
        if (name === "q") search.value = decode(value.replaceAll("+", " "));
        else if (name === "group") group = ["owner", "place", "type"].includes(value) ? value : "";
        else if (chosen.has(name)) for (const one of value.split(",")) if (one) chosen.get(name).add(decode(one));
      }
    };
    const changed = () => {
      write();
      return apply();
    };
    const clear = () => {
      search.value = "";
      for (const set of chosen.values()) set.clear();
      search.focus();
      return changed();
    };

    // ---- Going to a finding, by link or by key
    const blockAt = (place) => {
      let low = 0;
      let high = blocks.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (blocks[middle].from <= place) low = middle;
        else high = middle - 1;
      }
      return blocks[low];
    };
    const stand = (place) => {
      const block = blockAt(place);
      show(block);
      at = place;
      return block.element.children[place - block.from].firstChild;
    };
    const move = (step) => {
      if (!matches.length) return;
      const here = document.activeElement?.closest?.("#list li.finding");
      if (here) at = matches.indexOf(Number(here.dataset.i));
      const next = Math.min(matches.length - 1, Math.max(0, at < 0 ? (step > 0 ? 0 : matches.length - 1) : at + step));
      const summary = stand(next).firstChild;
      summary.focus({ preventScroll: true });
      summary.scrollIntoView({ block: "nearest" });
    };
    const goTo = async () => {
      const id = decode(location.hash.slice(1));
      const i = numberOf(id);
      if (i < 0) {
        if (location.hash.length > 1 && !location.hash.includes("=")) return;
        read();
        return apply();
      }
      if (!matches.includes(i)) {
        search.value = "";
        for (const set of chosen.values()) set.clear();
        await apply();
      }
      const details = stand(matches.indexOf(i));
      details.open = true;
      await fill(details, i);
      details.scrollIntoView({ block: "start" });
      details.firstChild.focus({ preventScroll: true });
      // What is above is drawn by now, and may have moved it.
      requestAnimationFrame(() => requestAnimationFrame(() => details.scrollIntoView({ block: "start" })));
    };
    addEventListener("hashchange", goTo);

    // ---- Controls
    let typing = 0;
    search.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(changed, total > 2000 ? 150 : 0);
    });
    byId("clear").addEventListener("click", clear);
    byId("clear-empty").addEventListener("click", clear);
    byId("group").addEventListener("change", (event) => {
      group = event.target.value;
      changed();
    });
    byId("filters").addEventListener("click", () => {
      const shown = byId("facets").classList.toggle("shown");
      byId("filters").setAttribute("aria-expanded", String(shown));
    });
    byId("open-all").addEventListener("click", () => {
      const opening = byId("open-all").textContent === "Open all";
      for (const i of matches) {
        if (opening) open.add(i);
        else open.delete(i);
      }
      for (const block of blocks) {
        if (block.drawn) for (const entry of block.element.children) entry.firstChild.open = opening;
      }
      byId("open-all").textContent = opening ? "Close all" : "Open all";
    });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && document.activeElement === search) {
        search.value = "";
        search.blur();
        changed();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest?.("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
      if (event.key === "/") {
        event.preventDefault();
        search.focus();
        search.select();
      } else if (event.key === "j") move(1);
      else if (event.key === "k") move(-1);
    });

    read();
    root.classList.add("drawn");
    apply().then(() => {
      if (numberOf(decode(location.hash.slice(1))) >= 0) return goTo();
    });
  };

  const begin = async () => {
    let index;
    try {
      index = JSON.parse(await unpack(byId("index")));
    } catch {
      root.classList.add("no-js");
      say("This browser cannot unpack the findings: the severest are written out, report.json has all.");
      return;
    }
    start(index);
  };
  begin();
})();
