/** Checks at every build that the residents' page loads no session, no map and no deck.gl, and reports its size. */

import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

export const ENTRY = "public";

/** Gzipped bytes of scripts and styles that the page may load. */
export const BUDGET = 40_000;

/** Code that has no place on the page. */
const FORBIDDEN = [/\/node_modules\/(?:maplibre-gl|h3-js)\//, /\/node_modules\/@(?:deck|luma|math|loaders)\.gl\//, /\/src\/(?:live|map|panels|wire)\//];

type Chunk = {
  type: "chunk";
  name: string;
  isEntry: boolean;
  code: string;
  imports: readonly string[];
  dynamicImports: readonly string[];
  moduleIds: readonly string[];
  viteMetadata?: { importedCss: ReadonlySet<string> } | undefined;
};
type Asset = { type: "asset"; source: string | Uint8Array };
export type Bundle = Readonly<Record<string, Chunk | Asset>>;

/** The files that an entry loads, at once or later: its chunks and their styles. */
function filesOf(bundle: Bundle, entry: string): string[] {
  const found = new Set<string>();
  const visit = (file: string): void => {
    const chunk = bundle[file];
    if (found.has(file) || !chunk) return;
    found.add(file);
    if (chunk.type === "asset") return;
    for (const next of [...chunk.imports, ...chunk.dynamicImports, ...(chunk.viteMetadata?.importedCss ?? [])]) visit(next);
  };
  for (const [file, chunk] of Object.entries(bundle)) {
    if (chunk.type === "chunk" && chunk.isEntry && chunk.name === entry) visit(file);
  }
  return [...found];
}

export type Report = { files: string[]; forbidden: string[]; gzip: number };

/** What an entry loads: its files, the modules among them that are forbidden, and the gzipped bytes. */
export function reportOf(bundle: Bundle, entry: string): Report {
  const files = filesOf(bundle, entry);
  const loaded = files.flatMap((file) => bundle[file] ?? []);
  const modules = loaded.flatMap((one) => (one.type === "chunk" ? one.moduleIds : []));
  const sizes = loaded.map((one) => gzipSync(one.type === "chunk" ? one.code : one.source, { level: 9 }).length);
  return {
    files,
    forbidden: modules.filter((id) => FORBIDDEN.some((pattern) => pattern.test(id))),
    gzip: sizes.reduce((sum, size) => sum + size, 0),
  };
}

/** Throws where the report breaks a rule. */
export function check({ files, forbidden, gzip }: Report): void {
  if (!files.length) throw new Error(`no entry is named ${ENTRY}`);
  if (forbidden.length) throw new Error(`the residents' page loads ${forbidden.join(", ")}`);
  if (gzip > BUDGET) throw new Error(`the residents' page loads ${gzip} bytes gzipped, more than ${BUDGET}`);
}

export function publicEntry(): Plugin {
  return {
    name: "public-entry",
    apply: "build",
    enforce: "post",
    generateBundle(_, bundle) {
      const report = reportOf(bundle as unknown as Bundle, ENTRY);
      check(report);
      this.info(`the residents' page loads ${report.files.length} files, ${(report.gzip / 1000).toFixed(1)} kB gzipped`);
    },
  };
}
