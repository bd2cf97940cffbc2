import { describe, expect, it } from "vitest";
import { task } from "../testing/bodies";
import { byRole, isLed, isUnanswered, nextRole } from "./roles";

const lead = task(9, { role: "lead" });
const [first, second] = [task(3, { role: "support" }), task(8, { role: "support" })];
const observer = task(1, { role: "observer" });

describe("roles", () => {
  it("list the lead first, then in the order of dispatch", () => {
    expect([observer, second, lead, first].sort(byRole)).toEqual([lead, first, second, observer]);
  });

  it("offer the lead while nobody has it, else support", () => {
    expect([nextRole([]), nextRole([first, observer]), nextRole([observer, lead])]).toEqual(["lead", "lead", "support"]);
    expect([isLed([first, observer]), isLed([observer, lead])]).toEqual([false, true]);
  });
});

it("knows a task that waits for its answer too long", () => {
  const late = task(5, { warned_at: "2026-03-02T08:30:00Z" });
  expect([isUnanswered(late), isUnanswered(task(5)), isUnanswered({ ...late, status: "accepted" })]).toEqual([true, false, false]);
});
