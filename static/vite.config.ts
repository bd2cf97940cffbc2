import { copyFileSync, mkdirSync } from "node:fs";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** The map to hand over is one file with Leaflet inlined by the server, which takes it from here. */
function handover(): Plugin {
  return {
    name: "handover-assets",
    apply: "build",
    closeBundle() {
      mkdirSync("dist/handover", { recursive: true });
      for (const file of ["leaflet.js", "leaflet.css"]) {
        copyFileSync(`node_modules/leaflet/dist/${file}`, `dist/handover/${file}`);
      }
    },
  };
}

const server = process.env.MAPLEBRIDGE_DEV_SERVER ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [svelte(), handover()],
  build: {
    outDir: "dist",
    // The content policy allows fonts and workers from the server alone, so nothing may become a data: address.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1600,
    target: "es2022",
  },
  server: {
    proxy: {
      "/api": { target: server, ws: true },
      "/ogc": { target: server },
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
