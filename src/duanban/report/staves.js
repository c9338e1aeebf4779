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
  document.addEventListener("keydown", keys);
  filter();
})();
