/** The HTTP calls of plans, and their bodies. */

import { freshKey } from "./calls";
import type { Client } from "./client";
import type { components } from "./schema.gen";
import type { Page } from "./types";

type Schemas = components["schemas"];

export type Plan = Schemas["PlanOut"];
export type PlanDetails = Schemas["PlanDetailsOut"];
export type PlanState = Plan["state"];
export type KeptOperation = Schemas["KeptOperationOut"];
export type PlanEntry = Schemas["PlanEntryOut"];
export type PlanFigures = Schemas["FiguresOut"];
export type FiguresByCode = Readonly<Record<string, PlanFigures>>;
export type LineProblem = Schemas["LineProblemOut"];
export type Drawn = Schemas["DrawnOut"];
export type Compared = Schemas["ComparedOut"];
export type ComparedPlans = Schemas["PairOut"];
export type NewPlan = Schemas["PlanIn"];
export type Verdict = Schemas["ReviewIn"]["verdict"];

export type Position = [number, number];
export type Ring = Position[];
export type Shape = { type: "Polygon"; coordinates: Ring[] } | { type: "MultiPolygon"; coordinates: Ring[][] };

/** A division of a draft. */
export type LineProperties = { code: string; level: string; parent_code: string | null; name: string; locked: boolean; kind: string | null };
export type LineFeature = { type: "Feature"; id: string; properties: LineProperties; geometry: Shape };
export type Lines = { type: "FeatureCollection"; features: LineFeature[] };

/** An operation as it is asked for and kept. Places are `[lon, lat]`, WGS-84. */
export type Operation =
  | { op: "reassign"; codes: string[]; to: string }
  | { op: "reassign"; area: Ring; to: string }
  | { op: "merge"; codes: string[] }
  | { op: "split"; code: string; line: Position[]; reach_m?: number }
  | { op: "split_along"; code: string; lines: Position[][]; reach_m?: number }
  | { op: "move"; vertex?: Position; edge?: Position; to: Position | Position[]; reach_m?: number }
  | { op: "straighten"; edge: Position; within_m?: number; reach_m?: number }
  | { op: "snap"; codes: string[]; lines: Position[][]; within_m: number }
  | { op: "create"; within: string; polygon: Ring; kind: string; name?: string; reach_m?: number }
  | { op: "rename"; code: string; name: string }
  | { op: "designate"; code: string; kind: string | null }
  | { op: "lock" | "unlock"; codes: string[] };

export class PlanCalls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** The plans within reach, a page at a time. */
  list(cursor: string | null = null): Promise<Page<Plan>> {
    return this.#client.call("GET", `/api/plans?limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
  }

  begin(body: NewPlan): Promise<Plan> {
    return this.#client.call("POST", "/api/plans", { body, key: freshKey() });
  }

  plan(id: number): Promise<PlanDetails> {
    return this.#client.call("GET", `/api/plans/${id}`);
  }

  lines(id: number): Promise<Lines> {
    return this.#client.call("GET", `/api/plans/${id}/lines`);
  }

  figures(id: number, months = 12): Promise<Compared> {
    return this.#client.call("GET", `/api/plans/${id}/figures?months=${months}`);
  }

  compare(id: number, other: number, months = 12): Promise<ComparedPlans> {
    return this.#client.call("GET", `/api/plans/${id}/compare?with=${other}&months=${months}`);
  }

  operate(id: number, version: number, body: Operation): Promise<Drawn> {
    return this.#client.call("POST", `/api/plans/${id}/operations?lines=true`, { body, ifMatch: version, key: freshKey() });
  }

  preview(id: number, version: number, body: Operation): Promise<Drawn> {
    return this.#client.call("POST", `/api/plans/${id}/preview?lines=true`, { body, ifMatch: version });
  }

  undo(id: number, version: number): Promise<Drawn> {
    return this.#client.call("POST", `/api/plans/${id}/undo?lines=true`, { ifMatch: version, key: freshKey() });
  }

  redo(id: number, version: number): Promise<Drawn> {
    return this.#client.call("POST", `/api/plans/${id}/redo?lines=true`, { ifMatch: version, key: freshKey() });
  }

  rebase(id: number, version: number): Promise<Drawn> {
    return this.#client.call("POST", `/api/plans/${id}/rebase`, { ifMatch: version, key: freshKey() });
  }

  comment(id: number, note: string, place: Position | null = null): Promise<PlanEntry> {
    return this.#client.call("POST", `/api/plans/${id}/comments`, { body: { note, place }, key: freshKey() });
  }

  submit(id: number, version: number, note = ""): Promise<Plan> {
    return this.#client.call("POST", `/api/plans/${id}/submit`, { body: { note }, ifMatch: version, key: freshKey() });
  }

  review(id: number, version: number, verdict: Verdict, note = ""): Promise<Plan> {
    return this.#client.call("POST", `/api/plans/${id}/review`, { body: { verdict, note }, ifMatch: version, key: freshKey() });
  }

  withdraw(id: number, version: number, note = ""): Promise<Plan> {
    return this.#client.call("POST", `/api/plans/${id}/withdraw`, { body: { note }, ifMatch: version, key: freshKey() });
  }
}
