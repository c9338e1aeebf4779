"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const [SYSTEM, SET, RULE, LAYER, SEVERITY, CONFIDENCE, PATH, LINE, MORE, TIMES, MESSAGE, REMEDY,
    EFFORT, SNIPPET, GUARD, COMPONENT, ID, HOURS] = Array(18).keys();
  const columns = data.columns.length ? data.columns : Array.from({ length: 18 }, () => []);
  const total = columns[0].length;
  const PAGE = 100;
  const by = (id) => document.getElementById(id);
  const say = (text, count) => (data.words[text] ?? text).replace("{count}", count);
  const text = (column, row) => data.texts[columns[column][row]];
  let matches = [];
  let page = 0;

  // Every text goes in as textContent, so that nothing of the input is ever parsed as markup.
  const make = (tag, className, content) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (content !== undefined) element.textContent = content;
    return element;
  };

  const FIELDS = ["text", "path", "system", "target", "layer", "rule", "order"];

  const wanted = () => {
    const state = Object.fromEntries(FIELDS.map((name) => [name, by("f-" + name).value]));
    state.severity = [...by("f-severity").querySelectorAll("input")].map((box) => box.checked);
    return state;
  };

  const haystacks = new Array(total);
  const haystack = (row) => haystacks[row] ??= [MESSAGE, SNIPPET, RULE, PATH, GUARD, COMPONENT]
    .map((column) => text(column, row)).concat(columns[ID][row]).join("\n").toLowerCase();

  const filter = () => {
    const want = wanted();
    const words = want.text.toLowerCase().split(/\s+/).filter(Boolean);
    const path = want.path.toLowerCase();
    const sets = data.sets.map((set) => want.target === "" || set.includes(Number(want.target)));
    matches = [];
    for (let row = 0; row < total; row++) {
      if (want.severity[columns[SEVERITY][row]]
        && (want.system === "" || columns[SYSTEM][row] === Number(want.system))
        && sets[columns[SET][row]]
        && (want.layer === "" || columns[LAYER][row] === Number(want.layer))
        && (want.rule === "" || columns[RULE][row] === Number(want.rule))
        && (!path || text(PATH, row).toLowerCase().includes(path))
        && words.every((word) => haystack(row).includes(word))) matches.push(row);
    }
    if (want.order === "hours") matches.sort((a, b) => columns[HOURS][b] - columns[HOURS][a]);
    else if (want.order === "path") {
      matches.sort((a, b) => (text(PATH, a) < text(PATH, b) ? -1 : text(PATH, a) > text(PATH, b) ? 1
        : columns[LINE][a] - columns[LINE][b]));
    } else matches.sort((a, b) => columns[SEVERITY][a] - columns[SEVERITY][b] || a - b);
    page = 0;
    show();
  };

  const place = (row) => text(PATH, row) + (columns[LINE][row] ? ":" + columns[LINE][row] : "");

  const onTargets = (row) => {
    const set = data.sets[columns[SET][row]];
    if (set.length === data.targets.length && set.length > 1) return say("all targets");
    return set.length > 2 ? say("{count} targets", set.length) : set.map((at) => data.targets[at]).join(", ");
  };

  const field = (list, name, content) => {
    if (content === "" || content === undefined) return;
    list.append(make("dt", "", name));
    const value = make("dd");
    value.append(content);
    list.append(value);
  };

  const sources = (list) => {
    const items = make("ul");
    for (const source of list) {
      const item = make("li");
      if (/^https?:\/\/\S+$/.test(source)) {
        const link = make("a", "", source);
        link.href = source;
        link.rel = "noreferrer noopener";
        item.append(link);
      } else item.textContent = source;
      items.append(item);
    }
    return items;
  };

  const evidence = (row) => {
    const body = make("div", "body");
    if (text(SNIPPET, row)) body.append(make("pre", "", text(SNIPPET, row)));
    const list = make("dl");
    const rule = data.rules[text(RULE, row)];
    field(list, say("What to do"), text(REMEDY, row));
    if (rule) field(list, say("Why"), rule[1]);
    field(list, say("Stands under"), text(GUARD, row) && make("code", "", text(GUARD, row)));
    field(list, say("Effort"), text(EFFORT, row));
    field(list, say("Places"), String(columns[TIMES][row]));
    const end = columns[LINE][row] + columns[MORE][row];
    if (columns[MORE][row]) field(list, say("Lines"), columns[LINE][row] + "–" + end);
    field(list, say("Component"), text(COMPONENT, row));
    field(list, say("Targets"), data.sets[columns[SET][row]].map((at) => data.targets[at]).join(", "));
    field(list, say("System"), data.systems[columns[SYSTEM][row]]);
    field(list, say("Layer"), say(data.layers[columns[LAYER][row]]));
    field(list, say("Confidence"), columns[CONFIDENCE][row] + " %");
    field(list, say("Rule"), make("code", "", text(RULE, row)));
    field(list, say("Finding"), make("code", "", columns[ID][row]));
    if (rule && rule[3].length) field(list, say("Sources"), sources(rule[3]));
    body.append(list);
    return body;
  };

  const entry = (row) => {
    const severity = data.severities[columns[SEVERITY][row]];
    const details = make("details");
    const head = make("summary");
    head.append(make("span", "badge " + severity, say(severity)), make("span", "what", text(MESSAGE, row)),
      make("span", "on", onTargets(row)), make("span", "path", place(row)));
    details.append(head);
    details.addEventListener("toggle", () => {
      if (details.open && details.childElementCount === 1) details.append(evidence(row));
    });
    return details;
  };

  const show = () => {
    const pages = Math.max(1, Math.ceil(matches.length / PAGE));
    by("rows").replaceChildren(...matches.slice(page * PAGE, (page + 1) * PAGE).map(entry));
    by("count").textContent = matches.length === total
      ? (total === 1 ? say("{count} finding", 1) : say("{count} findings", total.toLocaleString("en")))
      : matches.length.toLocaleString("en") + " / " + say("{count} findings", total.toLocaleString("en"));
    by("pages").hidden = pages === 1;
    by("page").textContent = (page + 1) + " / " + pages;
    by("before").disabled = page === 0;
    by("after").disabled = page === pages - 1;
  };

  const turn = (step) => {
    page += step;
    show();
    by("findings").focus({ preventScroll: true });
    by("findings").scrollIntoView();
  };

  const options = (id, pairs) => by(id).append(...pairs.map(([value, name]) => {
    const option = make("option", "", name);
    option.value = value;
    return option;
  }));

  const numbered = (names, used) => names.map((name, at) => [at, name]).filter(([at]) => used.has(at));

  const setUp = () => {
    options("f-system", numbered(data.systems, new Set(columns[SYSTEM])));
    options("f-target", data.targets.map((name, at) => [at, name]));
    options("f-layer", numbered(data.layers.map((name) => say(name)), new Set(columns[LAYER])));
    options("f-rule", [...new Set(columns[RULE])].map((at) => [at, data.texts[at]])
      .sort((a, b) => (a[1] < b[1] ? -1 : 1)));
    data.severities.forEach((name) => {
      const label = make("label");
      const box = make("input");
      box.type = "checkbox";
      box.checked = true;
      box.value = name;
      label.append(box, say(name));
      by("f-severity").append(label);
    });
  };

  const reset = () => {
    FIELDS.forEach((name) => { by("f-" + name).value = ""; });
    by("f-severity").querySelectorAll("input").forEach((box) => { box.checked = true; });
  };

  const move = (step) => {
    const heads = [...by("rows").querySelectorAll("summary")];
    const at = heads.findIndex((head) => head.parentElement.contains(document.activeElement));
    const next = heads[Math.min(Math.max(at + step, 0), heads.length - 1)];
    if (next) next.focus();
  };

  const keys = (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const does = { "/": () => by("f-text").focus(), j: () => move(1), k: () => move(-1) }[event.key];
    if (does) {
      event.preventDefault();
      does();
    }
  };

  setUp();
  let timer;
  by("filters").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(filter, total > 2000 ? 120 : 0);
  });
  by("filters").addEventListener("submit", (event) => event.preventDefault());
  by("reset").addEventListener("click", () => { reset(); filter(); });
  by("before").addEventListener("click", () => turn(-1));
  by("after").addEventListener("click", () => turn(1));
  document.addEventListener("keydown", keys);
  document.querySelectorAll("[data-system]").forEach((link) => link.addEventListener("click", () => {
    reset();
    by("f-system").value = by("f-system").querySelector(`[value="${link.dataset.system}"]`)
      ? link.dataset.system : "";
    by("f-target").value = link.dataset.target;
    filter();
  }));
  filter();
})();
