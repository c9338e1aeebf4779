"use strict";
(() => {
  const byId = (id) => document.getElementById(id);

  const open = (row) => {
    if (row.hidden) {
      byId("s-filters").reset();
      row.hidden = false;
    }
    row.open = true;
    row.scrollIntoView({ block: "start" });
    row.querySelector("summary").focus({ preventScroll: true });
  };

  const follow = () => {
    const row = location.hash && byId(location.hash.slice(1));
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

  document.querySelectorAll(".graph").forEach(prepare);
  document.querySelectorAll("[data-zoom]").forEach((button) => {
    button.addEventListener("click", () => zoom(button));
  });
  document.querySelectorAll("a.flow").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    open(byId(link.getAttribute("href").slice(1)));
  }));
  window.addEventListener("hashchange", follow);
  follow();
})();
