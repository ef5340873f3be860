// SPDX-License-Identifier: Apache-2.0
// The pages' own behaviour. Every page works without it: this adds keys, copying, dialogs and kept drafts.
(() => {
  "use strict";
  const root = document.documentElement;
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const cookie = (name) => document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.split("=")[1];

  function dress() {
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.bsTheme = cookie("datong_theme") || (dark ? "dark" : "light");
  }
  dress();

  function switchTheme() {
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    document.cookie = `datong_theme=${next}; path=/; max-age=31536000; samesite=lax`;
    dress();
  }

  // Keys: "/" search, "g w" workbench, "?" help, whatever [data-key] names. Never while someone types.
  let before = "";
  function onKey(event) {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
    const key = event.key;
    const pair = before + key;
    before = key === "g" ? "g" : "";
    const go = { gw: "/workbench", gh: "/", gr: "/requests", gc: "/catalog" }[pair];
    const keyed = before || pair.length > 1 ? null : all("[data-key]").find((part) => part.dataset.key === key);
    if (go) window.location.assign(go);
    else if (keyed) keyed.click();
    else if (key === "/") seek(event);
    else if (key === "?") one("#keys")?.showModal();
  }
  function seek(event) {
    event.preventDefault();
    const box = one("[data-search]");
    if (box) { box.focus(); box.select(); } else window.location.assign("/search");
  }

  async function copy(button) {
    const source = one(button.dataset.copy);
    const text = source.value ?? source.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    const word = one("span", button);
    const old = word.textContent;
    word.textContent = button.dataset.done;
    setTimeout(() => { word.textContent = old; }, 1600);
  }

  function onClick(event) {
    const hit = (selector) => event.target.closest(selector);
    const copier = hit("[data-copy]");
    const opener = hit("[data-dialog]");
    const closer = hit("[data-close]");
    if (copier) copy(copier);
    if (opener) openDialog(opener, event);
    if (closer) closer.closest("dialog").close();
    if (hit("[data-theme]")) switchTheme();
    if (hit("[data-print]")) window.print();
    const burger = hit("[data-burger]");
    if (burger) burger.setAttribute("aria-expanded", String(one(".dt-nav").classList.toggle("open")));
    all("details.dt-menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  }
  function openDialog(opener, event) {
    const form = opener.closest("form");
    event.preventDefault();
    if (form && opener.hasAttribute("data-check") && !form.reportValidity()) return;
    one(opener.dataset.dialog).showModal();
  }

  // Kept drafts: what was typed survives a time-out, an error or the back button, in this tab only.
  const keyOf = (form) => `datong:${window.location.pathname}${window.location.search}:${form.id}`;
  const typed = (form) => JSON.stringify([...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken"));
  function keep(form) {
    const initial = typed(form);
    let timer = 0;
    let later = 0;
    const save = () => {
      if (typed(form) === initial) sessionStorage.removeItem(keyOf(form));
      else sessionStorage.setItem(keyOf(form), typed(form));
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(save, 600);
      if (!form.dataset.autosave) return;
      clearTimeout(later);
      later = setTimeout(() => autosave(form), 15000); // each save is an act on record: not at every key
    });
    form.addEventListener("submit", () => clearTimeout(later));
    form.addEventListener("submit", () => { sessionStorage.setItem(keyOf(form), typed(form)); sessionStorage.setItem("datong:sent", keyOf(form)); });
    const kept = sessionStorage.getItem(keyOf(form));
    if (kept && kept !== initial && !form.hasAttribute("data-answered")) offer(form, JSON.parse(kept));
  }
  function offer(form, pairs) {
    const bar = one("[data-kept]", form);
    if (!bar) return;
    bar.hidden = false;
    one("[data-restore]", bar).addEventListener("click", () => { restore(form, pairs); bar.hidden = true; });
    one("[data-drop]", bar).addEventListener("click", () => { sessionStorage.removeItem(keyOf(form)); bar.hidden = true; });
  }
  function restore(form, pairs) {
    const values = new Map();
    pairs.forEach(([name, value]) => values.set(name, [...(values.get(name) || []), value]));
    form.dispatchEvent(new CustomEvent("datong:restore", { detail: values }));
    [...form.elements].forEach((field) => {
      if (!field.name || field.type === "file" || field.name === "csrfmiddlewaretoken") return;
      const given = values.get(field.name);
      if (field.type === "checkbox" || field.type === "radio") field.checked = Boolean(given?.includes(field.value));
      else if (given?.length) field.value = given.shift();
    });
  }
  async function autosave(form) {
    const line = one("[data-saved]", form);
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" } });
      if (answer.ok) {
        const kept = await answer.json();
        form.elements.revision.value = kept.revision;
        if (form.elements.base) form.elements.base.value = kept.base;
      }
      if (line && answer.status === 409 && line.dataset.conflict) line.textContent = line.dataset.conflict;
      else if (line) line.textContent = answer.ok ? `${line.dataset.saved} ${new Date().toLocaleTimeString([], { hour12: false })}` : line.dataset.failed;
    } catch {
      if (line) line.textContent = line.dataset.failed;
    }
  }
  function forget() {
    const sent = sessionStorage.getItem("datong:sent");
    if (!sent) return;
    const still = all("form[data-keep]").some((form) => keyOf(form) === sent && form.hasAttribute("data-answered"));
    if (!still) sessionStorage.removeItem(sent);
    sessionStorage.removeItem("datong:sent");
  }

  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.matches("[data-submit]")) field.form.requestSubmit();
    if (field.matches("[data-fill]") && field.value) fill(one(field.dataset.fill), field.value);
    if (field.matches("[data-all]")) all(field.dataset.all).forEach((box) => { box.checked = field.checked; });
    show(document);
  });
  // [data-fill="#id"]: what is picked from a list is written into that field, where it may be edited.
  function fill(target, text) {
    target.value = text;
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }
  // [data-when="field=value|value"] is shown only while that field has one of the values.
  function show(from) {
    all("[data-when]", from).forEach((part) => {
      const [name, wanted] = part.dataset.when.split("=");
      const form = part.closest("form");
      const field = form.elements[name];
      const now = field instanceof RadioNodeList ? field.value : field?.value;
      part.hidden = !wanted.split("|").includes(now);
    });
  }
  document.addEventListener("DOMContentLoaded", () => {
    forget();
    if (window.innerWidth < 992) all("details[data-narrow]").forEach((part) => { part.open = false; });
    all("form[data-keep]").forEach(keep);
    show(document);
    all("dialog").filter((dialog) => one(".is-invalid", dialog)).forEach((dialog) => { dialog.close(); dialog.showModal(); });
    (one("dialog[open] .is-invalid") || one(".is-invalid, [data-first-error]"))?.focus();
    document.addEventListener("submit", ({ target: form }) => {
      if (form.method !== "post") return;
      setTimeout(() => all("button[type=submit], button:not([type])", form).forEach((button) => { button.disabled = true; }), 0);
      setTimeout(() => all("button", form).forEach((button) => { button.disabled = false; }), 8000);
    });
  });
  window.addEventListener("pageshow", () => all("button[disabled]:not([data-off])").forEach((button) => { button.disabled = false; }));
})();
