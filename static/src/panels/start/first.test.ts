import { describe, expect, it } from "vitest";
import { firstScreen, offersOf } from "./first";

const may = (...permissions: string[]) => (permission: string) => permissions.includes(permission);

describe("the first screen", () => {
  it.each([
    ["operator", "/"],
    ["supervisor", "/"],
    ["patrol", "/patrol"],
    ["wall", "/wall"],
    ["planner", "/planner"],
    ["clerk", "/desk"],
    ["handler", "/cases"],
    ["interviewer", "/lists"],
    ["leader", "/board"],
    ["auditor", "/start"],
    ["admin", "/start"],
    ["source", "/start"],
  ])("of a %s is %s", (role, screen) => {
    expect(firstScreen(role)).toBe(screen);
  });
});

describe("the start page", () => {
  it("offers what the role may read, and nothing else", () => {
    expect(offersOf("clerk", may("incidents.report", "incidents.read", "layers.read"))).toEqual(["register", "incidents"]);
    expect(offersOf("auditor", may("incidents.read", "forces.read"))).toEqual(["incidents"]);
    expect(offersOf("admin", may("layers.read", "health.read"))).toEqual(["system"]);
    expect(offersOf("planner", may("layers.read", "wall.view"))).toEqual(["lines"]);
    expect(offersOf("source", may("incidents.report"))).toEqual([]);
  });
});
