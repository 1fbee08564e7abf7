import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

// The console: one page, hashed assets, nothing from elsewhere. `npm run dev` asks a node at HILF (127.0.0.1:5100).
const node = process.env.HILF ?? "http://127.0.0.1:5100";

// A script for each area of pages.json, named after it, one for the frame that all share, and the texts by language: a page
// costs few requests, and files that are alike are compressed together.
interface Row {
  page: string;
  area: string;
}
const rows = JSON.parse(readFileSync(new URL("src/pages.json", import.meta.url), "utf8")) as Row[];
const areas = new Map(rows.map(({ page, area }) => [page, area]));
const folders: [RegExp, string][] = [
  [/\/src\/desk\/(case-list|case-actions|rows|waiting)\./, "queue"],
  [/\/src\/desk\/(anywhere|lists|section|undo|words)\.|\/pages\/account\//, "frame"],
  [/\/src\/desk\/(evidence|exposure|hold|load|places)\./, "evidence"],
  [/\/src\/desk\//, "case"],
  [/\/src\/data\/plot\.|\/uplot\//, "chart"],
  [/\/src\/data\//, "known"],
  [/\/src\/pages\//, "node"], // parts of its pages
];

function chunk(id: string): string | undefined {
  const text = /\/src\/i18n\/(..)\/(\w+)\.ts$/.exec(id);
  if (text) return text[2] === "data" ? text[1] + "-data" : text[1];
  const page = /\/src\/pages\/([\w-]+)\.tsx$/.exec(id)?.[1];
  if (page) return areas.get(page) ?? "node";
  return folders.find(([files]) => files.test(id))?.[1] ?? "frame";
}

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    target: "es2021",
    outDir: process.env.HILF_WEB_DIST ?? "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the policy allows no data: addresses
    cssCodeSplit: false,
    manifest: true, // for build.mjs, which tells the server what a page loads
    modulePreload: false,
    reportCompressedSize: false,
    sourcemap: false,
    rollupOptions: { output: { manualChunks: chunk } },
  },
  server: { proxy: { "/v1": node, "/docs": node, "/healthz": node, "/readyz": node, "/metrics": node } },
});
