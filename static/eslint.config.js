import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

/** Imports flow one way: panels, map → live → wire; `ui` and `i18n` know none of them. Only tests import `testing`. */
const FORBIDDEN = {
  wire: ["live", "map", "panels", "ui", "i18n", "public"],
  live: ["map", "panels", "ui", "public"],
  map: ["panels", "ui", "public"],
  panels: ["public"],
  ui: ["wire", "live", "map", "panels", "public"],
  i18n: ["wire", "live", "map", "panels", "ui", "public"],
  public: ["wire", "live", "map", "panels"],
};

/** These draw what they are given: the planner and public pages mount them without any live state. */
const WITHOUT_LIVE_STATE = ["MapFrame.svelte", "stage.ts", "basemap.ts", "tags.ts", "shapes.ts"].map((file) => `src/map/${file}`);

function mayNotImport(files, rooms, name) {
  const patterns = rooms.map((room) => ({ group: [`**/${room}/**`, `**/${room}`], message: `${name} may not import ${room}/` }));
  return { files, rules: { "no-restricted-imports": ["error", { patterns }] } };
}

const sources = (folder) => [`src/${folder}/**/*.ts`, `src/${folder}/**/*.svelte`];

function rooms() {
  const each = Object.entries(FORBIDDEN);
  return [
    ...each.map(([room, others]) => mayNotImport(sources(room), [...others, "testing"], `${room}/`)),
    ...each.map(([room, others]) => mayNotImport([`src/${room}/**/*.test.ts`], others, `${room}/`)),
    mayNotImport(WITHOUT_LIVE_STATE, [...FORBIDDEN.map, "live", "testing"], "a map without live state"),
  ];
}

/** State is made in `main.ts`, so that two pages' states can live side by side. `i18n` keeps the page's one language. */
const NO_STATE_AT_IMPORT = {
  files: ["src/**/*.ts"],
  ignores: ["src/i18n/**", "src/**/*.test.ts", "src/**/main.ts"],
  rules: {
    "no-restricted-syntax": [
      "error",
      ...[
        `Program > VariableDeclaration[kind="let"]`,
        `Program > ExportNamedDeclaration > VariableDeclaration[kind="let"]`,
        `:matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > NewExpression[callee.name!=/^(Map|Set|WeakMap)$/]`,
        `:matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > CallExpression[callee.name="$state"]`,
      ].map((selector) => ({ selector, message: "State is made in main.ts and handed down, not when a module is imported." })),
    ],
  },
};

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
  { files: ["scripts/worker.js"], languageOptions: { globals: { ...globals.serviceworker } } },
  {
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "svelte/no-at-html-tags": "error",
      // Maps and sets here are deliberately outside the reactive graph; a version counter stands in for them.
      "svelte/prefer-svelte-reactivity": "off",
    },
  },
  ...rooms(),
  NO_STATE_AT_IMPORT,
);
