/** Rounds over HTTP: routes, the record, visits, and tasks that went back. What a phone reports goes as commands. */

import type { Client } from "./client";
import type { components } from "./schema.gen";
import type { Page } from "./types";

type Schemas = components["schemas"];

export type PatrolRoute = Schemas["PatrolRouteOut"];
export type PatrolRound = Schemas["PatrolRoundOut"];
export type RoundPoint = Schemas["RoundPointOut"];
export type Mark = Schemas["RoundMarkOut"];
export type Visits = Schemas["VisitsOut"];
export type Returns = Schemas["ReturnsOut"];
export type Services = Schemas["ServicesOut"];

export class RoundCalls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** The routes of the own force's grids. */
  ownRoutes(): Promise<Page<PatrolRoute>> {
    return this.#client.call("GET", "/api/patrol-routes?mine=true&limit=1000");
  }

  /** All routes in use within the account's division; who makes them gets the codes of their slips. */
  async routes(): Promise<PatrolRoute[]> {
    const routes: PatrolRoute[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: Page<PatrolRoute> = await this.#client.call("GET", `/api/patrol-routes?${new URLSearchParams({ limit: "1000", ...(cursor && { cursor }) })}`);
      routes.push(...page.items);
      cursor = page.next ?? null;
    }
    return routes;
  }

  /** The rounds of a day, today by default, within the account's division; a force gets its own. */
  ofDay(day?: string): Promise<Schemas["RoundsOut"]> {
    return this.#client.call("GET", `/api/rounds?${new URLSearchParams(day ? { day } : {})}`);
  }

  visits(day?: string): Promise<Visits> {
    return this.#client.call("GET", `/api/visits?${new URLSearchParams(day ? { day } : {})}`);
  }

  /** What workers may and may not be asked for in a division. */
  services(division: string): Promise<Services> {
    return this.#client.call("GET", `/api/divisions/${encodeURIComponent(division)}/services`);
  }

  returnsOf(month: string): Promise<Returns> {
    return this.#client.call("GET", `/api/task-returns?${new URLSearchParams({ month })}`);
  }
}
