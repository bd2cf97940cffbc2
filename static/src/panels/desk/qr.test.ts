import { expect, it } from "vitest";
import { QUIET, qrOf } from "./qr";

it("a slip's code has quiet ground around it, and its three finders", () => {
  const { size, path } = qrOf("https://hall.example/case/WJ260302ABCDEFGHX");
  const dark = new Set(path.match(/M\d+ \d+/g));
  expect((size - 2 * QUIET - 17) % 4).toBe(0);
  for (const [x, y] of [[QUIET, QUIET], [size - QUIET - 1, QUIET], [QUIET, size - QUIET - 1]]) expect(dark.has(`M${x} ${y}`)).toBe(true);
  expect([...dark].every((one) => one.slice(1).split(" ").every((n) => Number(n) >= QUIET && Number(n) < size - QUIET))).toBe(true);
});
