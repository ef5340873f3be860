// SPDX-License-Identifier: Apache-2.0
// Bundles the pages' assets: one style sheet, one script, one icon sprite, so that a page needs three requests; one with
// charts needs a fourth.
// Run by `npm run build` after `npm ci`; everything it writes is git-ignored. Tabler stays at 1.0: later ones need
// light-dark() and color-mix(), which the browsers of many government desktops do not know.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const target = join(root, "src/datong/config/static/vendor");
const packages = join(root, "node_modules");
const read = (...parts) => readFileSync(join(...parts), "utf8").replace(/\n?(\/\*|\/\/)# sourceMappingURL.*$/m, "");

function write(name, text) {
  const bytes = Buffer.from(text, "utf8");
  writeFileSync(join(target, name), bytes);
  writeFileSync(join(target, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  writeFileSync(join(target, `${name}.br`), brotliCompressSync(bytes));
  return `${name} ${Math.round(bytes.length / 1024)} KiB`;
}

function sprite() {
  const names = read(here, "icons.txt").split(/\s+/).filter(Boolean);
  const symbols = names.map((name) => {
    const svg = read(packages, "@tabler/icons/icons/outline", `${name}.svg`);
    const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, "")}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${symbols.join("")}</svg>\n`;
}

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const done = [
  write("datong.css", [read(packages, "@tabler/core/dist/css/tabler.min.css"), read(here, "tokens.css"), read(here, "datong.css"), read(here, "parts.css")].join("\n")),
  write("datong.js", [read(packages, "htmx.org/dist/htmx.min.js"), read(here, "datong.js"), read(here, "suggest.js"), read(here, "items.js"), read(here, "proof.js"), read(here, "trying.js")].join("\n;")),
  write("charts.js", [read(packages, "echarts/dist/echarts.common.min.js"), read(here, "charts.js")].join("\n;")),
  write("icons.svg", sprite()),
];
writeFileSync(
  join(target, "LICENSES.txt"),
  ["@tabler/core", "@tabler/icons", "echarts", "htmx.org"].map((name) => {
    const { version, license } = JSON.parse(read(packages, name, "package.json"));
    return `${name} ${version}: ${license}`;
  }).join("\n") + "\n",
);
console.log(done.join(", "));
