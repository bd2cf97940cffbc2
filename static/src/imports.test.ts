/** The direction of imports, held by the linter itself: each rule is broken once and must be seen. */

import { ESLint } from "eslint";
import { beforeAll, describe, expect, it } from "vitest";

const linter = new ESLint();

async function findings(filePath: string, code: string): Promise<string[]> {
  const [result] = await linter.lintText(code, { filePath });
  return (result?.messages ?? []).flatMap(({ ruleId }) => ruleId ?? []);
}

/** Loading the linter with its plugins takes seconds on a busy machine. */
const LOADING_MS = 60_000;
beforeAll(async () => void (await findings("src/wire/client.ts", "")), LOADING_MS);

const importing = (from: string) => `import { it } from "${from}";\nexport default it;\n`;

describe("the linter", () => {
  it.each([
    ["src/wire/client.ts", "../live/clock.svelte"],
    ["src/live/feed.svelte.ts", "../map/stage"],
    ["src/live/feed.svelte.ts", "../panels/hall/desk.svelte"],
    ["src/map/situation.svelte.ts", "../panels/hall/desk.svelte"],
    ["src/map/stage.ts", "../live/app.svelte"],
    ["src/ui/Button.ts", "../i18n/../live/clock.svelte"],
    ["src/i18n/format.ts", "../live/clock.svelte"],
    ["src/public/main.ts", "../live/session.svelte"],
    ["src/public/main.ts", "../map/stage"],
    ["src/live/feed.svelte.ts", "../testing/browser"],
  ])("refuses that %s imports %s", async (file, from) => {
    expect(await findings(file, importing(from))).toContain("no-restricted-imports");
  });

  it.each([
    ["src/panels/hall/keys.ts", "../../live/app.svelte"],
    ["src/map/situation.svelte.ts", "../live/app.svelte"],
    ["src/live/feed.svelte.ts", "../wire/calls"],
    ["src/live/feed.test.ts", "../testing/browser"],
    ["src/public/main.ts", "../i18n/index.svelte"],
  ])("lets %s import %s", async (file, from) => {
    expect(await findings(file, importing(from))).toEqual([]);
  });

  it("refuses a map frame that imports live state", async () => {
    const component = `<script lang="ts">\n  import { useApp } from "../live/app.svelte";\n  useApp();\n</script>\n`;
    expect(await findings("src/map/MapFrame.svelte", component)).toContain("no-restricted-imports");
  });

  it.each(["export const desk = new Desk();", "export const open = $state(0);", "let socket = null;\nexport default () => socket;"])(
    "refuses state that is made when a module is imported: %s",
    async (code) => {
      expect(await findings("src/live/clock.svelte.ts", `${code}\n`)).toContain("no-restricted-syntax");
    },
  );
});
