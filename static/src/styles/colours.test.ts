import { describe, expect, it } from "vitest";
import { PALETTES } from "../map/palette";

const TOKENS = "./tokens.css";
const PALETTE = "../map/palette.ts";
const sources = import.meta.glob<string>(["../**/*.{ts,svelte,css}", "!../**/*.test.ts", "!../**/*.gen.ts", "!../testing/**"], {
  eager: true,
  query: "?raw",
  import: "default",
});

const LITERALS = [
  /(?<![\w.&])#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b/gi,
  /\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\(/gi,
  /\[\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*\]/g,
  /(?:color|background|fill|stroke|border[\w-]*)\s*[:=]\s*"?[^;\n]*\b(?:white|black|red|green|blue|gray|grey|yellow|orange)\b/gi,
];

function literals(text: string): string[] {
  return LITERALS.flatMap((literal) => text.match(literal) ?? []);
}

const BLOCKS = { dark: /:root \{([^}]*)\}/, light: /:root\[data-theme="light"\] \{([^}]*)\}/ };

function tokensOf(theme: keyof typeof BLOCKS): Map<string, string> {
  const [, block] = BLOCKS[theme].exec(sources[TOKENS] ?? "") ?? [];
  return new Map([...(block ?? "").matchAll(/(--[\w-]+): ([^;]+);/g)].map(([, name, value]) => [name as string, value as string]));
}

const hex = ([red, green, blue]: readonly number[]) =>
  `#${[red, green, blue].map((part) => (part ?? 0).toString(16).padStart(2, "0")).join("")}`;

describe("colours", () => {
  it("are looked for where there are some", () => {
    expect(literals(sources[TOKENS] ?? "").length).toBeGreaterThan(30);
    expect(literals(sources[PALETTE] ?? "").length).toBeGreaterThan(20);
    expect(Object.keys(sources).length).toBeGreaterThan(60);
  });

  it.each(["color: #abc;", "fill: #ABCDEF80", "rgb(1 2 3 / 0.5)", "const RED = [255, 0, 0, 255];", "color: white;"])(
    "are seen in %s",
    (text) => expect(literals(text)).toHaveLength(1),
  );

  it.each(["{#each all as one}", "this.#add(1)", 'href="#queue"', "{#if a}"])("are not seen in %s", (text) =>
    expect(literals(text)).toEqual([]),
  );

  it("have names: no literal stands outside the tokens and the map's palette", () => {
    const found = Object.entries(sources).filter(([file]) => file !== TOKENS && file !== PALETTE);
    expect(found.flatMap(([file, text]) => literals(text).map((literal) => `${file}: ${literal}`))).toEqual([]);
  });

  it.each(["dark", "light"] as const)("mean the same on the map as in the panels of the %s theme", (theme) => {
    const { urgency, free, busy, stale, sign } = PALETTES[theme];
    const map = { now: urgency.now, soon: urgency.soon, wait: urgency.wait, free, busy, stale, sign };
    for (const [name, colour] of Object.entries(map)) expect(hex(colour), name).toBe(tokensOf(theme).get(`--${name}`));
  });

  it("are all there in the light theme", () => {
    const isColour = ([, value]: [string, string]) => literals(value).length > 0;
    const names = [...tokensOf("dark")].filter(isColour).map(([name]) => name);
    expect(names.length).toBeGreaterThan(40);
    expect(names.filter((name) => !tokensOf("light").has(name))).toEqual([]);
  });

  it("that are used are there", () => {
    const used = new Set(Object.values(sources).flatMap((text) => [...text.matchAll(/var\((--[\w-]+)/g)].map((match) => match[1])));
    const set = new Set(Object.values(sources).flatMap((text) => [...text.matchAll(/(--[\w-]+)[:=]/g)].map((match) => match[1])));
    expect([...used].filter((name) => !set.has(name))).toEqual([]);
  });
});
