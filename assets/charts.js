// SPDX-License-Identifier: Apache-2.0
// Charts of the figures in the tables beside them: nothing is drawn that the table does not say. Colours are the tokens of
// the page; the tip is drawn on the canvas, for the content security policy lets no inline style in.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const said = (cell) => (cell.firstElementChild || cell).textContent.trim();
  const number = (cell) => (cell.dataset.value ? Number(cell.dataset.value) : null);

  function read(place) {
    const table = document.getElementById(place.dataset.of);
    const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
    const rows = [...table.tBodies[0].rows];
    if ("newestFirst" in place.dataset) rows.reverse(); // a table begins with now, a chart ends with it
    const series = place.dataset.columns.split(" ").map((column) => ({
      name: heads[column],
      data: rows.map((row) => number(row.cells[column])),
    }));
    return { names: rows.map((row) => said(row.cells[0])), series };
  }

  function option(kind, { names, series }) {
    const text = { color: token("--dt-muted"), fontFamily: "inherit" };
    const lines = { lineStyle: { color: token("--dt-border") } };
    const value = { type: "value", axisLabel: text, splitLine: lines, minInterval: kind === "line" ? 0 : 1 };
    const name = { type: "category", data: names, axisLabel: { ...text, width: 120, overflow: "truncate" }, axisLine: lines, axisTick: { show: false } };
    const flat = kind === "bar";
    const colours = kind === "line" ? ["--dt-primary", "--dt-warning"] : ["--dt-primary", "--dt-danger"];
    return {
      animation: false,
      color: colours.map(token),
      textStyle: text,
      legend: { top: 0, left: 0, textStyle: text, icon: "roundRect", itemHeight: 8, itemWidth: 14 },
      grid: { left: 8, right: 16, top: 36, bottom: 4, containLabel: true },
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, backgroundColor: token("--dt-surface"), borderColor: token("--dt-border"), textStyle: { color: token("--dt-text") } },
      xAxis: flat ? value : name,
      yAxis: flat ? { ...name, inverse: true } : value,
      series: series.map((one, at) => ({
        ...one,
        type: kind === "line" ? "line" : "bar",
        stack: kind === "line" ? undefined : "calls",
        barMaxWidth: 22,
        connectNulls: false,
        symbol: at ? "rect" : "circle",
        symbolSize: 6,
        lineStyle: { width: 2, type: at ? "dashed" : "solid" },
      })),
    };
  }

  const drawn = [...document.querySelectorAll("[data-chart]")].map((place) => {
    const told = read(place);
    if (place.dataset.chart === "bar") place.classList.add(told.names.length > 10 ? "long" : told.names.length > 4 ? "middle" : "short");
    const chart = window.echarts.init(place, null, { renderer: "canvas" });
    chart.setOption(option(place.dataset.chart, told));
    place.dataset.drawn = String(told.names.length);
    return { chart, place, told };
  });
  window.addEventListener("resize", () => drawn.forEach(({ chart }) => chart.resize()));
  new MutationObserver(() => drawn.forEach(({ chart, place, told }) => chart.setOption(option(place.dataset.chart, told))))
    .observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
});
