import { beforeEach, describe, expect, it } from "vitest";
import { language } from "../../../i18n/index.svelte";
import { arrival, reasonWords, standing } from "./words";

const names = { category: (code: string) => `<${code}>`, forceKind: (code: string) => `[${code}]`, language: (code: string) => `“${code}”` };

describe("words of a candidate", () => {
  beforeEach(() => {
    language.locale = "en";
  });

  it("keep the arrival and the ranking apart, and neither is below zero", () => {
    const first = { eta_minutes: 0.2, cost_minutes: -0.7, stale: false };
    expect(arrival(first)).toBe("Arrives in ~1 min");
    expect(standing(first, first)).toBe("Best overall");
    expect(standing({ cost_minutes: -0.7, stale: false }, first)).toBe("Tied with the first");
    expect(standing({ cost_minutes: 0.7, stale: false }, first)).toBe("+1.4 min overall");
    expect(standing({ cost_minutes: -5, stale: true }, first)).toBe("Position out of date");
  });

  it("say what a reason is about", () => {
    const words = (code: string, params: Record<string, unknown> = {}) => reasonWords({ code, minutes: 1, params }, names);
    expect(words("language_match", { language: "wu" })).toBe("Speaks “wu”");
    expect(words("speciality_match", { category: "dispute" })).toBe("Speciality: <dispute>");
    expect(words("travel", { mode: "ebike", distance_m: 1234 })).toBe("By e-bike, 1.2 km straight, estimated");
    expect(words("travel", { mode: "ebike", route_m: 2345 })).toBe("By e-bike, 2.3 km by road");
    expect(words("travel", { mode: "ebike", distance_m: 1234, doubt: "closures" })).toBe("By e-bike, 1.2 km straight, estimated: roads did not answer, closures not counted");
    expect(words("road_closed", { closed_m: 140 })).toBe("On foot, road closed, 140 m");
    expect(words("off_road", { off_road_m: 640 })).toBe("On foot beside the road, 640 m");
    expect(words("preference", { kind: "patrol", role: "lead" })).toBe("[patrol] is not the first choice");
    expect(words("load", { tasks: 3 })).toBe("Tasks in 24 h: 3");
    expect(words("recalled")).toBe("Was recalled from this incident");
    expect(words("new_reason")).toBe("new_reason");
  });
});
