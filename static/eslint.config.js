import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

/** Imports flow one way: panels, map → live → wire. `ui` and `i18n` know nobody. */
function mayNotImport(room, others) {
  const patterns = others.map((other) => ({ group: [`**/${other}/**`, `**/${other}`], message: `${room}/ stands below ${other}/` }));
  return {
    files: [`src/${room}/**/*.ts`, `src/${room}/**/*.svelte`],
    rules: { "no-restricted-imports": ["error", { patterns }] },
  };
}

export default ts.config(
  { ignores: ["dist/", "node_modules/", "src/wire/schema.gen.ts"] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"], svelteConfig } },
  },
  {
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "svelte/no-at-html-tags": "error",
      // Maps and sets here are deliberately outside the reactive graph; a version counter stands in for them.
      "svelte/prefer-svelte-reactivity": "off",
    },
  },
  mayNotImport("wire", ["live", "map", "panels", "ui", "i18n"]),
  mayNotImport("live", ["map", "panels", "ui"]),
  mayNotImport("map", ["panels", "ui"]),
  mayNotImport("ui", ["wire", "live", "map", "panels"]),
  mayNotImport("i18n", ["wire", "live", "map", "panels", "ui"]),
);
