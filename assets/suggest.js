// SPDX-License-Identifier: Apache-2.0
// Suggestions under a search box while one types. The box works without: Enter searches as ever.
(() => {
  "use strict";
  const PAUSE = 120;
  let number = 0;

  function dress(box) {
    const list = document.createElement("div");
    list.className = "suggest";
    list.id = `suggest-${number += 1}`;
    list.setAttribute("role", "listbox");
    list.hidden = true;
    box.form.after(list);
    list.parentElement.classList.add("has-suggest");
    const marks = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" };
    Object.entries(marks).forEach(([name, value]) => box.setAttribute(name, value));
    let timer = 0;
    let asked = "";
    let at = -1;

    const options = () => [...list.querySelectorAll("[role=option]")];
    function show(open) {
      list.hidden = !open;
      box.setAttribute("aria-expanded", String(open));
      if (!open) choose(-1);
    }
    function choose(next) {
      at = next;
      options().forEach((option, place) => {
        option.id = `${list.id}-${place}`;
        option.setAttribute("aria-selected", String(place === at));
        if (place === at) option.scrollIntoView({ block: "nearest" });
      });
      if (at < 0) box.removeAttribute("aria-activedescendant");
      else box.setAttribute("aria-activedescendant", `${list.id}-${at}`);
    }
    async function ask() {
      const q = box.value.trim();
      if (q === asked) return show(Boolean(q) && options().length > 0);
      asked = q;
      if (!q) { list.replaceChildren(); return show(false); }
      try {
        const answer = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(q)}`, { headers: { "HX-Request": "true" } });
        const text = answer.ok ? await answer.text() : "";
        if (q !== box.value.trim()) return undefined;
        list.innerHTML = text;
        choose(-1);
        return show(options().length > 0 && document.activeElement === box);
      } catch {
        return show(false);
      }
    }

    box.addEventListener("input", (event) => {
      if (event.isComposing) return; // pinyin still being composed by the input method
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    });
    box.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(ask, PAUSE); });
    box.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && !list.hidden) {
        event.preventDefault();
        const many = options().length + 1;
        choose(((at + 1 + step + many) % many) - 1);
      } else if (step === 1) ask();
      else if (event.key === "Escape" && !list.hidden) { event.preventDefault(); show(false); }
      else if (event.key === "Enter" && at >= 0 && !event.isComposing) { event.preventDefault(); window.location.assign(options()[at].href); }
    });
    box.addEventListener("focus", () => { if (asked && asked === box.value.trim()) show(options().length > 0); });
    box.addEventListener("blur", () => setTimeout(() => show(false), 150));
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus until the click
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-suggest]").forEach(dress));
})();
