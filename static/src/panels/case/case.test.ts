import { describe, expect, it } from "vitest";
import { FlowWords } from "../../live/flowwords.svelte";
import type { Flow } from "../../wire/cases";
import { headOf, isOf, linesOf } from "./entries";
import { byLikelihood } from "./likely";
import { lineOf } from "./stages";
import { caseKeyOf } from "./casekeys";

const coded = (code: string, more: object = {}) => ({ code, names: { zh: `${code}中`, en: code }, ...more });
const stages = [coded("in", { kind: "open" }), coded("held", { kind: "paused" }), coded("out", { kind: "end" })] as Flow["stages"];

describe("the line of stages", () => {
  it.each([
    ["in", ["in now", "out next"]],
    ["held", ["in done", "held now", "out next"]],
    ["out", ["in done", "out now"]],
  ])("of a case at %s is %j", (current, expected) => {
    expect(lineOf(stages, current).map(({ stage, at }) => `${stage.code} ${at}`)).toEqual(expected);
  });
});

it("the moves that carry a case on come first, a new kind of move last", () => {
  const moves = ["urge", "close", "of_tomorrow", "accept"].map((kind) => ({ kind, to: null }));
  expect(byLikelihood(moves as never).map((one: { kind: string }) => one.kind)).toEqual(["accept", "close", "urge", "of_tomorrow"]);
});

it("a transfer comes first where it leads on, and after the result where it gives an accepted case away", () => {
  const moves = [{ kind: "join", to: null }, { kind: "transfer", to: null }, { kind: "advance", to: "feedback" }, { kind: "transfer", to: "routed" }];
  expect(byLikelihood(moves as never)).toEqual([moves[3], moves[2], moves[0], moves[1]]);
});

describe("an entry of a case", async () => {
  const field = coded("unit", { type: "unit", choices: [], confirm: false });
  const why = coded("reason", { type: "choice", choices: [coded("not_ours")], confirm: false });
  const flow = new FlowWords({ flow: () => Promise.resolve({ version: "p1", stages, levels: [coded("town")], moves: [coded("route", { form: [field, why] })] } as unknown as Flow) });
  await flow.load();
  const words = { flow, unit: (code: string) => `<${code}>` };
  const data = { pack: "p1", move: "route", from: "in", to: "out", form: { unit: "u1", reason: "not_ours" }, set: { offer: { unit: "u1" }, level: "town" } };

  it("is told in the words of the flow", () => {
    expect([headOf({ data }, words), linesOf({ data }, words)]).toEqual(["route中", ["阶段：in中 → out中", "移交：<u1>", "层级：town中", "unit中：<u1>", "reason中：not_ours中"]]);
  });

  it("of a flow that is no longer known is told by its codes", () => {
    expect(linesOf({ data: { move: "gone", form: { x: 1 } } }, words)).toEqual(["x：1"]);
  });

  it("is found by its filter", () => {
    const of = (kind: string) => (["moves", "field", "notes"] as const).filter((filter) => isOf({ kind }, filter));
    expect([of("case.moved"), of("task.accepted"), of("noted")]).toEqual([["moves"], ["field"], ["notes"]]);
  });
});

it.each([
  ["3", { do: "pick", place: 2 }],
  ["m", { do: "first" }],
  ["Escape", { do: "back" }],
  ["q", null],
])("the key %s asks for %j", (key, asked) => {
  expect(caseKeyOf({ key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, target: null }, () => false)).toEqual(asked);
});
