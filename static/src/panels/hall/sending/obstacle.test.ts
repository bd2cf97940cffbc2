import { describe, expect, it } from "vitest";
import { lackOf, obstacleOf, type Hand } from "./obstacle";

const mark = (force: number, role: "lead" | "support" = "lead") => ({ force, name: `F${force}`, role });
const hand = (changes: Partial<Hand>): Hand => ({ tasks: [], toSend: [mark(1)], pickedByHand: false, takenReason: () => null, ...changes });

describe("a key that sends nobody says why", () => {
  const led = [{ role: "lead" as const }];
  it.each([
    [null, {}],
    [{ code: "choose" }, { toSend: [] }],
    [{ code: "pick" }, { tasks: led, toSend: [] }],
    [{ code: "pick" }, { tasks: led, toSend: [mark(1, "support")] }],
    [null, { tasks: led, toSend: [mark(1, "support")], pickedByHand: true }],
    [{ code: "lead_taken" }, { tasks: led, pickedByHand: true }],
    [{ code: "gone", name: "F1", why: "busy" }, { takenReason: () => "busy" }],
    [null, { toSend: [mark(1), mark(2, "support")], takenReason: (force: number) => (force === 1 ? "busy" : null) }],
  ])("%j", (expected, changes) => {
    expect(obstacleOf(hand(changes as Partial<Hand>))).toEqual(expected);
  });
});

describe("an empty list says whether nobody is free, on duty, right for it or near", () => {
  it.each([
    ["busy", ["not_specialised", "off_duty", "busy"]],
    ["off_duty", ["not_responsible", "off_duty"]],
    ["declined", ["declined", "not_responsible"]],
    ["not_right", ["sent", "observer_only"]],
    ["near", ["sent"]],
    ["near", []],
  ])("%s", (expected, codes) => {
    expect(lackOf(codes.map((code) => ({ code })))).toBe(expected);
  });
});
