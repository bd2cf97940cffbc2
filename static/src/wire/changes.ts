/** What is changing, over HTTP: early warnings with the incidents behind them, kinds of incidents, and clusters. */

import { freshKey } from "./calls";
import type { Client } from "./client";
import type { components } from "./schema.gen";
import type { Incident, Page } from "./types";

type Schemas = components["schemas"];

export type Changes = Schemas["ChangesOut"];
export type EarlyWarning = Schemas["EarlyWarningOut"];
export type KindTrend = Schemas["KindTrendOut"];
export type Cluster = Schemas["ClusterOut"];
export type LeftOut = Schemas["LeftOutOut"];
export type WarningAnswer = Schemas["WarningAnswerIn"];

export class ChangeCalls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  all(): Promise<Changes> {
    return this.#client.call("GET", "/api/early-warnings?weeks=8");
  }

  /** The incidents that a warning counted, by the address that came with it. */
  behind(cases: string): Promise<Page<Incident>> {
    return this.#client.call("GET", cases);
  }

  answer(id: number, answer: WarningAnswer): Promise<EarlyWarning> {
    return this.#client.call("POST", `/api/early-warnings/${id}/answer`, { body: answer, key: freshKey() });
  }
}
