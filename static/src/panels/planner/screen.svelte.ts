/** What the planner's screen has open: the tool, the level it takes hold of, the sheet, the map. */

import { createContext } from "svelte";
import type { Stage } from "../../map/stage";
import type { PlanDesk } from "../../live/plandesk.svelte";

export const TOOLS = ["brush", "split", "merge", "edge", "create", "lock", "rename", "straighten", "snap"] as const;
export type Tool = (typeof TOOLS)[number];

/** A sheet over the map's edge. Add a name here, and its component in `PlannerSheet.svelte`. */
export type PlannerSheet = "help";

export class PlannerScreen {
  readonly desk: PlanDesk;
  tool = $state<Tool | null>(null);
  sheet = $state<PlannerSheet | null>(null);
  stage = $state.raw<Stage | null>(null);

  constructor(desk: PlanDesk) {
    this.desk = desk;
  }

  choose(tool: Tool): void {
    this.tool = this.tool === tool || !this.desk.mayDraw ? null : tool;
  }

  toggle(sheet: PlannerSheet): void {
    this.sheet = this.sheet === sheet ? null : sheet;
  }
}

export const [usePlanner, providePlanner] = createContext<PlannerScreen>();
