"use strict";
(() => {
  const by = (id) => document.getElementById(id);
  const rows = [...document.querySelectorAll(".stave-row")];
  if (!rows.length) {
    by("s-filters").hidden = true;
    return;
  }
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const field = (name) => by("s-" + name);

  const options = (name, attribute) => {
    const values = [...new Set(rows.flatMap((row) => row.dataset[attribute].split(", ")))];
    field(name).append(...values.filter(Boolean).sort().map((value) => {
      const option = document.createElement("option");
      option.value = option.textContent = value;
      return option;
    }));
  };

  const filter = () => {
    const words = field("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, at) => {
      const data = row.dataset;
      row.hidden = !(words.every((word) => texts[at].includes(word))
        && (!field("cause").value || data.cause.split(", ").includes(field("cause").value))
        && (!field("layer").value || data.layer === field("layer").value)
        && (!field("chosen").checked || data.chosen)
        && (field("doubtful").checked || !data.doubt));
      shown += !row.hidden;
    });
    by("s-count").textContent = shown === rows.length ? rows.length.toLocaleString("en") + " staves"
      : shown.toLocaleString("en") + " of " + rows.length.toLocaleString("en") + " staves";
  };

  const open = (row) => {
    if (row.hidden) {
      by("s-filters").reset();
      filter();
    }
    row.open = true;
    row.scrollIntoView({ block: "start" });
    row.querySelector("summary").focus({ preventScroll: true });
  };

  const follow = () => {
    const row = location.hash && by(location.hash.slice(1));
    if (row && row.classList.contains("stave-row")) open(row);
  };

  // The way from a node to the stave is marked while the pointer or the focus is on the node.
  const mark = (graph, node) => {
    graph.classList.toggle("marked", Boolean(node));
    graph.querySelectorAll(".on").forEach((each) => each.classList.remove("on"));
    while (node) {
      node.classList.add("on");
      const edge = graph.querySelector(`path[data-n="${node.dataset.n}"]`);
      if (edge) edge.classList.add("on");
      node = graph.querySelector(`.node[data-n="${node.dataset.p}"]`);
    }
  };

  const place = (node) => {
    const circle = node.querySelector("circle");
    return [Number(circle.getAttribute("cx")), Number(circle.getAttribute("cy"))];
  };

  // The nearest node in the direction of the arrow: within the column, or one column further.
  const neighbour = (graph, node, key) => {
    const [x, y] = place(node);
    const fits = {
      ArrowUp: ([a, b]) => a === x && b < y, ArrowDown: ([a, b]) => a === x && b > y,
      ArrowLeft: ([a]) => a < x, ArrowRight: ([a]) => a > x,
    }[key];
    if (!fits) return null;
    const cost = ([a, b]) => Math.abs(a - x) * 100 + Math.abs(b - y);
    return [...graph.querySelectorAll(".node[data-n]")].filter((each) => fits(place(each)))
      .sort((a, b) => cost(place(a)) - cost(place(b)))[0] ?? null;
  };

  const prepare = (graph) => {
    const first = graph.querySelector(".node[data-n]");
    if (first) first.setAttribute("tabindex", "0");
    graph.setAttribute("role", "group");
    graph.addEventListener("pointerover", (event) => mark(graph, event.target.closest(".node[data-n]")));
    graph.addEventListener("pointerleave", () => mark(graph, null));
    graph.addEventListener("focusin", (event) => mark(graph, event.target.closest(".node[data-n]")));
    graph.addEventListener("focusout", () => mark(graph, null));
    graph.addEventListener("keydown", (event) => {
      const node = event.target.closest(".node[data-n]");
      const next = node && neighbour(graph, node, event.key);
      if (!next) return;
      event.preventDefault();
      node.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
  };

  const zoom = (button) => {
    const graph = button.closest(".body").querySelector(".graph");
    const step = { in: 1.25, out: 0.8 }[button.dataset.zoom];
    const natural = graph.viewBox.baseVal.width;
    const now = step ? graph.getBoundingClientRect().width * step : natural;
    graph.style.width = Math.min(Math.max(now, natural / 4), natural * 4) + "px";
  };

  const keys = (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const heads = rows.filter((row) => !row.hidden).map((row) => row.querySelector("summary"));
    const at = heads.findIndex((head) => head.parentElement.contains(document.activeElement));
    const step = { j: 1, k: -1 }[event.key];
    const next = event.key === "/" ? field("text")
      : step && heads[Math.min(Math.max(at + step, 0), heads.length - 1)];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  };

  options("cause", "cause");
  options("layer", "layer");
  by("s-filters").addEventListener("input", filter);
  by("s-filters").addEventListener("reset", () => setTimeout(filter));
  by("s-filters").addEventListener("submit", (event) => event.preventDefault());
  document.querySelectorAll(".graph").forEach(prepare);
  document.querySelectorAll("[data-zoom]").forEach((button) => {
    button.addEventListener("click", () => zoom(button));
  });
  document.querySelectorAll("a.flow").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    open(by(link.getAttribute("href").slice(1)));
  }));
  window.addEventListener("hashchange", follow);
  document.addEventListener("keydown", keys);
  filter();
  follow();
})();
