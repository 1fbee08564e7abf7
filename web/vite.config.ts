import { defineConfig } from "vite";

// The console: one page, hashed assets, nothing from elsewhere. `npm run dev` asks a node at HILF (127.0.0.1:5100).
const node = process.env.HILF ?? "http://127.0.0.1:5100";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    target: "es2021",
    outDir: process.env.HILF_WEB_DIST ?? "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the policy allows no data: addresses
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    sourcemap: false,
  },
  server: { proxy: { "/v1": node, "/docs": node, "/healthz": node, "/readyz": node, "/metrics": node } },
});
