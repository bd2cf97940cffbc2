import { describe, expect, it } from "vitest";
import { BUDGET, check, ENTRY, reportOf, type Bundle } from "./publicEntry";

const chunk = (name: string, modules: string[], imports: string[] = [], more: object = {}) => ({
  type: "chunk" as const,
  name,
  isEntry: false,
  code: name,
  imports,
  dynamicImports: [] as string[],
  moduleIds: modules.map((id) => `/app/${id}`),
  ...more,
});
const entry = (imports: string[], more: object = {}) => chunk(ENTRY, ["src/public/main.ts"], imports, { isEntry: true, ...more });

const bundleOf = (imports: string[], more: object = {}): Bundle => ({
  "public.js": entry(imports, more),
  "main.js": chunk("main", ["src/live/session.svelte.ts"], ["map.js"], { isEntry: true }),
  "map.js": chunk("map", ["node_modules/maplibre-gl/dist/maplibre-gl.mjs"]),
  "deck.js": chunk("deck", ["node_modules/@deck.gl/core/dist/index.js"]),
  "shared.js": chunk("shared", ["src/i18n/zh.ts", "src/ui/Button.svelte"]),
  "mixed.js": chunk("mixed", ["src/ui/Mark.svelte", "src/live/session.svelte.ts"]),
  "public.css": { type: "asset", source: ".a{}" },
});

describe("the residents' page", () => {
  it("may load words, controls and its own style", () => {
    const report = reportOf(bundleOf(["shared.js"], { viteMetadata: { importedCss: new Set(["public.css"]) } }), ENTRY);
    expect(report).toMatchObject({ files: ["public.js", "shared.js", "public.css"], forbidden: [] });
    expect(report.gzip).toBeGreaterThan(0);
    expect(() => check(report)).not.toThrow();
  });

  it.each([
    ["the map", ["map.js"], {}],
    ["session code in a chunk it shares", ["mixed.js"], {}],
    ["deck.gl at a later time", ["shared.js"], { dynamicImports: ["deck.js"] }],
  ])("may not load %s", (_, imports, more) => {
    expect(() => check(reportOf(bundleOf(imports, more), ENTRY))).toThrow(/residents' page loads/);
  });

  it("may not grow beyond its budget", () => {
    const code = Array.from({ length: BUDGET }, (_, i) => (i * 2654435761) % 2 ** 32).join();
    expect(() => check(reportOf(bundleOf([], { code }), ENTRY))).toThrow(/more than/);
  });

  it("must be there to be checked", () => {
    expect(() => check(reportOf({}, ENTRY))).toThrow(/no entry/);
  });
});
