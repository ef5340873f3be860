// SPDX-License-Identifier: Apache-2.0
// The table of items (信息项): add, remove, move rows, and paste a block copied from a spreadsheet.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const table = document.querySelector("[data-items]");
  if (!table) return;
  const body = table.tBodies[0];
  const blank = document.querySelector("#item-row");
  const form = table.closest("form");
  const cells = (row) => [...row.querySelectorAll("input:not([type=hidden]), select")];

  function number() {
    [...body.rows].forEach((row, place) => {
      row.querySelector("[data-place]").textContent = String(place + 1);
      row.querySelectorAll("[data-name]").forEach((field) => { field.name = `items-${place}-${field.dataset.name}`; });
    });
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function add() {
    const row = blank.content.firstElementChild.cloneNode(true);
    body.append(row);
    number();
    return row;
  }
  function put(field, text) {
    const value = text.trim();
    if (field.type === "checkbox") field.checked = /^(1|y|yes|true|是|√|✓)$/i.test(value);
    else if (field.tagName === "SELECT") choose(field, value);
    else field.value = value;
  }
  function choose(field, value) {
    const found = [...field.options].find((option) => option.value.toLowerCase() === value.toLowerCase() || option.textContent.includes(value));
    if (found && value) field.value = found.value;
  }
  function paste(event) {
    const text = event.clipboardData.getData("text/plain");
    if (!/[\t\n]/.test(text.trim()) || !event.target.closest("td")) return;
    event.preventDefault();
    const start = event.target.closest("tr");
    const from = cells(start).indexOf(event.target);
    let row = start;
    text.replace(/\r/g, "").replace(/\n$/, "").split("\n").forEach((line) => {
      row ||= add();
      line.split("\t").forEach((value, offset) => { const field = cells(row)[from + offset]; if (field) put(field, value); });
      row = row.nextElementSibling;
    });
    number();
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-add-item]")) cells(add())[0].focus();
    const remove = event.target.closest("[data-remove-item]");
    if (remove) { remove.closest("tr").remove(); if (!body.rows.length) add(); number(); }
  });
  body.addEventListener("change", (event) => {
    if (event.target.dataset.name !== "key" || !event.target.checked) return;
    event.target.closest("tr").querySelector("[data-name=nullable]").checked = false;
  });
  body.addEventListener("paste", paste);
  form.addEventListener("datong:restore", (event) => {
    const wanted = [...event.detail.keys()].filter((name) => /^items-\d+-name$/.test(name)).length;
    while (body.rows.length < wanted) add();
  });
});
