/** Which screen a role sees first, and what the start page offers to the others. */

/** Roles with a screen of their own; all others begin at the start page. */
const OWN: Readonly<Record<string, string>> = {
  operator: "/",
  supervisor: "/",
  patrol: "/patrol",
  wall: "/wall",
  planner: "/planner",
  clerk: "/desk",
  handler: "/cases",
  interviewer: "/lists",
  leader: "/board",
};

export const START = "/start";

export function firstScreen(role: string): string {
  return OWN[role] ?? START;
}

export type Offer = "register" | "incidents" | "system" | "lines";

/** What the start page offers, by permission: never more than the server would answer. */
export function offersOf(role: string, may: (permission: string) => boolean): Offer[] {
  const offers: Offer[] = [];
  if (may("incidents.report") && may("incidents.read")) offers.push("register");
  if (may("incidents.read")) offers.push("incidents");
  if (may("health.read") && !may("hall.view")) offers.push("system");
  if (role === "planner") offers.push("lines");
  return offers;
}
