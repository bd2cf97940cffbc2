import { expect, test } from "vitest";
import { operationWords } from "./words";

const nameOf = (code: string) => ({ "1": "东网格", "2": "西网格" })[code] ?? code;
const said = (operation: Record<string, unknown>) => operationWords(operation, nameOf, () => []);

test("a reviewer reads which grid keeps its name and code when grids are merged or split", () => {
  expect(said({ op: "merge", codes: ["1", "2"] })).toBe("西网格 并入 东网格，沿用其名称和编码 1");
  expect(said({ op: "split", code: "1", line: [] })).toBe("拆分 东网格：最大的一块沿用名称和编码 1");
  expect(said({ op: "split_along", code: "2", keep: [120.6, 31.1] })).toBe("沿道路、水系拆分 西网格：标出的一块沿用名称和编码 2");
});
