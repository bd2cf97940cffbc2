import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { phoneShell } from "./scripts/phoneShell.ts";
import { publicEntry } from "./scripts/publicEntry.ts";
import { en } from "./src/i18n/en.ts";
import { zh } from "./src/i18n/zh.ts";

/** Copies Leaflet, which the server inlines into an exported view. */
function viewExport(): Plugin {
  return {
    name: "view-export-assets",
    apply: "build",
    writeBundle() {
      mkdirSync("dist/view-export", { recursive: true });
      for (const file of ["leaflet.js", "leaflet.css"]) {
        copyFileSync(`node_modules/leaflet/dist/${file}`, `dist/view-export/${file}`);
      }
    },
  };
}

/** Copies the font and the words of the screens, of which the server prints an incident's report. */
function incidentReport(): Plugin {
  const font = "node_modules/@fontsource-variable/noto-sans-sc";
  return {
    name: "incident-report-assets",
    apply: "build",
    writeBundle() {
      mkdirSync("dist/incident-report", { recursive: true });
      const ranges = JSON.parse(readFileSync(`${font}/unicode.json`, "utf8")) as Record<string, string>;
      const named = Object.entries(ranges).map(([part, range]) => [`noto-sans-sc-${part.replace(/[[\]]/g, "")}-wght-normal.woff2`, range] as const);
      const parts = Object.fromEntries(named.filter(([file]) => existsSync(`${font}/files/${file}`)));
      for (const file of Object.keys(parts)) copyFileSync(`${font}/files/${file}`, `dist/incident-report/${file}`);
      writeFileSync("dist/incident-report/report.json", JSON.stringify({ parts, words: { zh, en } }));
    },
  };
}

/** Copies the guide and its pictures, of which the server makes pages. */
function guide(): Plugin {
  const from = "../docs/guide";
  const pictures = "../docs/images/guide";
  return {
    name: "guide-assets",
    apply: "build",
    writeBundle() {
      mkdirSync("dist/guide/images", { recursive: true });
      for (const file of readdirSync(from).filter((name) => name.endsWith(".md"))) copyFileSync(`${from}/${file}`, `dist/guide/${file}`);
      for (const file of readdirSync(pictures)) copyFileSync(`${pictures}/${file}`, `dist/guide/images/${file}`);
    },
  };
}

/** Compresses scripts and styles once here, not at every request. */
function packed(): Plugin {
  return {
    name: "packed-assets",
    apply: "build",
    writeBundle() {
      for (const file of readdirSync("dist/assets").filter((name) => /\.(m?js|css)$/.test(name))) {
        const path = join("dist/assets", file);
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    },
  };
}

const server = process.env.MAPLEBRIDGE_DEV_SERVER ?? "http://127.0.0.1:8000";

export default defineConfig({
  // Assets are found beside each other, whatever path prefix a proxy puts in front; the server completes the pages.
  base: "./",
  plugins: [svelte(), viewExport(), incidentReport(), guide(), packed(), publicEntry(), phoneShell()],
  build: {
    outDir: "dist",
    rolldownOptions: { input: { main: "index.html", public: "public.html", guide: "guide.html" } },
    // The content policy allows fonts and workers from the server alone, so nothing may become a data: address.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2400,
    target: "es2022",
  },
  server: {
    proxy: {
      "/api": { target: server, ws: true },
      "/ogc": { target: server },
    },
  },
  test: {
    include: ["src/**/*.test.ts", "scripts/**/*.test.ts"],
    css: true,
    setupFiles: ["src/i18n/all.ts", "src/testing/inChinese.ts"],
    // Evaluating each module anew for each file took four fifths of the processor's time. State is made in `main.ts` and
    // handed down, so that files have nothing of each other's, except for the language.
    isolate: false,
    environment: "./scripts/vitest-environment.mjs",
    server: { deps: { inline: [/svelte/] } },
  },
});
