"use strict";
(() => {
  const button = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme
    ?? (dark.matches ? "dark" : "light")) === "dark";
  const page = document.getElementById("data");
  const words = page ? JSON.parse(page.textContent).words ?? {} : {};
  const say = (text) => words[text] ?? text;
  const label = () => {
    button.textContent = isDark() ? say("Light") : say("Dark");
    button.setAttribute("aria-label", isDark() ? say("Use light colours") : say("Use dark colours"));
  };
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    label();
  });
  dark.addEventListener("change", label);
  label();
  document.documentElement.classList.add("ready");
})();
