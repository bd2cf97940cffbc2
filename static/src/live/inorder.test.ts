import { describe, expect, it } from "vitest";
import { InOrder } from "./inorder";

describe("answers to questions that cross", () => {
  it("count until a later one has come", () => {
    const order = new InOrder();
    const [first, second, third] = [order.ask(), order.ask(), order.ask()];
    expect([order.takes(first), order.takes(third), order.takes(second)]).toEqual([true, true, false]);
  });

  it("count when each comes only after the next was asked", () => {
    const order = new InOrder();
    let before = order.ask();
    for (let i = 0; i < 5; i++) {
      const next = order.ask();
      expect([order.isLast(before), order.takes(before)]).toEqual([false, true]);
      before = next;
    }
  });

  it("do not count for what was forgotten", () => {
    const order = new InOrder();
    const before = order.ask();
    order.forget();
    expect(order.takes(before)).toBe(false);
    expect(order.takes(order.ask())).toBe(true);
  });
});
