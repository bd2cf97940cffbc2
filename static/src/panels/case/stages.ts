/** The stages of a flow as a line: which are passed, which is current, which are to come. Pure. */

import type { Flow } from "../../wire/cases";

type Stage = Flow["stages"][number];
export type Placed = { stage: Stage; at: "done" | "now" | "next" };

/**
 * The stages in the flow's order. Of those that a case may never enter, a pause is shown only while it lasts. A case that
 * went back has again before it what it had passed.
 */
export function lineOf(stages: readonly Stage[], current: string): Placed[] {
  const shown = stages.filter((stage) => stage.kind !== "paused" || stage.code === current);
  const here = shown.findIndex((stage) => stage.code === current);
  return shown.map((stage, i) => ({ stage, at: i < here ? "done" : i === here ? "now" : "next" }));
}
