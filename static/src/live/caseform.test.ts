/** A move's form, as it is checked and sent. */

import { describe, expect, it } from "vitest";
import type { FormField } from "../wire/cases";
import { bodyOf, faultsOf, refusedFields } from "./caseform";

const field = (code: string, type: FormField["type"], more: Partial<FormField> = {}): FormField =>
  ({ code, type, names: { zh: code, en: code }, required: true, choices: [], unit_kinds: [], longest: null, least: null, most: null, confirm: false, ...more }) as FormField;

const FIELDS = [
  field("note", "text", { longest: 5 }),
  field("amount", "number", { least: 1, most: 30 }),
  field("units", "units"),
  field("reached", "yes_no"),
  field("until", "date", { required: false }),
  field("told", "yes_no", { confirm: true }),
];

describe("the form of a move", () => {
  it("names every field that is missing, and a condition that is not ticked", () => {
    expect(faultsOf(FIELDS, {})).toEqual({ note: "missing", amount: "missing", units: "missing", reached: "missing", told: "unconfirmed" });
    expect(faultsOf(FIELDS, { note: "  ", units: [], told: false }).note).toBe("missing");
    expect(faultsOf([field("told", "yes_no", { confirm: true })], { told: false })).toEqual({ told: "unconfirmed" });
  });

  it.each([
    [{ note: "too long" }, { note: "too_long" }],
    [{ amount: "0" }, { amount: "range" }],
    [{ amount: "31" }, { amount: "range" }],
    [{ amount: "ten" }, { amount: "type" }],
  ])("of %j finds %j", (written, faults) => {
    const sound = { note: "here", amount: "3", units: ["a"], reached: "no", told: true };
    expect(faultsOf(FIELDS, { ...sound, ...written })).toEqual(faults);
  });

  it("is sent by the types of its fields, without what is empty", () => {
    const written = { note: " here ", amount: "3", units: ["a", "b"], reached: "no", until: "", told: true };
    expect(bodyOf(FIELDS, written)).toEqual({ note: "here", amount: 3, units: ["a", "b"], reached: false, told: true });
  });

  it("shows the first error of each field that the server refused", () => {
    const errors = [{ field: "unit", code: "beyond" }, { field: "unit", code: "same" }];
    expect([refusedFields({ errors }), refusedFields({})]).toEqual([{ unit: "beyond" }, {}]);
  });
});
