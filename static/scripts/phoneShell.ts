/** Makes what a phone installs: the worker with the list of its files, and the manifest. Checks how much the page loads. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import type { Bundle } from "./publicEntry.ts";

/** Gzipped bytes of scripts and styles that the phone's page may load before the map. */
export const BUDGET = 350_000;

const SCREEN = /\/panels\/patrol\/Patrol\.svelte$/;
/** Chunks of the map, which are kept as well. */
const MAP = /\/node_modules\/(?:maplibre-gl|@deck\.gl|@luma\.gl|@math\.gl|h3-js)\//;
const WORKER = /worker.*\.m?js$/;

export type Shell = { files: string[]; gzip: number; mark: string };

/** The files of the phone's page: those of the start and of its screen, the map's with them. */
export function shellOf(bundle: Bundle): Shell {
  const found = new Set<string>();
  const visit = (file: string): void => {
    const chunk = bundle[file];
    if (found.has(file) || !chunk) return;
    found.add(file);
    if (chunk.type === "chunk") for (const next of [...chunk.imports, ...(chunk.viteMetadata?.importedCss ?? [])]) visit(next);
  };
  for (const [file, chunk] of Object.entries(bundle)) {
    const isStart = chunk.type === "chunk" && chunk.isEntry && chunk.name === "main";
    if (isStart || (chunk.type === "chunk" && chunk.moduleIds.some((id) => SCREEN.test(id))) || WORKER.test(file)) visit(file);
  }
  let gzip = 0;
  for (const file of found) {
    const chunk = bundle[file];
    if (!chunk || WORKER.test(file)) continue;
    if (chunk.type === "chunk" && chunk.moduleIds.some((id) => MAP.test(id))) continue;
    gzip += gzipSync(chunk.type === "chunk" ? chunk.code : chunk.source, { level: 9 }).length;
  }
  return { files: [...found].sort(), gzip, mark: Object.keys(bundle).find((file) => /assets\/mark-.*\.svg$/.test(file)) ?? "" };
}

/** The worker's script, whose text changes with the files. */
export function workerOf(template: string, files: readonly string[], page: string): string {
  const version = createHash("sha256").update(template).update(page).update(files.join("\n")).digest("hex").slice(0, 16);
  return template.replace("__VERSION__", version).replace('["__FILES__"]', JSON.stringify(files));
}

export function manifestOf(mark: string): string {
  return JSON.stringify({
    id: "patrol",
    name: "枫桥 Maplebridge",
    short_name: "枫桥",
    lang: "zh-CN",
    start_url: "patrol",
    scope: "patrol",
    display: "standalone",
    background_color: "#f7f8f8",
    theme_color: "#f7f8f8",
    icons: [{ src: mark, sizes: "any", type: "image/svg+xml", purpose: "any" }],
  });
}

export function phoneShell(): Plugin {
  return {
    name: "phone-shell",
    apply: "build",
    enforce: "post",
    generateBundle(_, bundle) {
      const { files, gzip, mark } = shellOf(bundle as unknown as Bundle);
      if (gzip > BUDGET) throw new Error(`the phone's page loads ${gzip} bytes before the map, more than ${BUDGET}`);
      this.info(`the phone's page loads ${Math.round(gzip / 1000)} KB before the map`);
      const page = JSON.stringify(Object.keys(bundle).filter((file) => file.startsWith("assets/main")));
      this.emitFile({ type: "asset", fileName: "sw.js", source: workerOf(readFileSync("scripts/worker.js", "utf8"), files, page) });
      this.emitFile({ type: "asset", fileName: "manifest.webmanifest", source: manifestOf(mark) });
    },
  };
}
