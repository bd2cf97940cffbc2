import { expect, test } from "vitest";
import type { DivisionName, Level } from "../wire/types";
import { Divisions } from "./divisions.svelte";

const division = (path: string, name: string) => ({ code: path.split(".").at(-1), path, name }) as unknown as DivisionName;

test("places of the same name are told apart by what is right above them", async () => {
  const items = [division("1", "某县"), division("1.2", "东镇"), division("1.2.3", "新村"), division("1.4", "西镇"), division("1.4.5", "新村")];
  const divisions = new Divisions({ divisions: () => Promise.resolve({ items }) } as never);
  await divisions.fetch([] as Level[]);
  expect(["3", "5", "2", "1", "9"].map((code) => divisions.above(code))).toEqual(["东镇", "西镇", "", "", ""]);
});
