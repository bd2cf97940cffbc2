/** Lists over HTTP: the follow-up of ended cases. */

import type { Client } from "./client";
import type { components } from "./schema.gen";
import type { Page } from "./types";

type Schemas = components["schemas"];

export type FollowUpItem = Schemas["FollowUpItemOut"];
export type FollowUpFigures = Schemas["FollowUpFiguresOut"];
export type FollowUpList = "due" | "coming" | "dissatisfied" | "mended" | "asked" | "unreached" | "not_drawn";

export class ListCalls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  followUps(list: FollowUpList, limit: number): Promise<Page<FollowUpItem>> {
    return this.#client.call("GET", `/api/follow-ups?${new URLSearchParams({ list, limit: String(limit) })}`);
  }

  followUpFigures(): Promise<FollowUpFigures> {
    return this.#client.call("GET", "/api/follow-ups/figures");
  }
}
