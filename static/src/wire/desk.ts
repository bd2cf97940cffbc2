/** What the desk of a place is told: words that speak for a category. */

import type { Client } from "./client";
import type { components } from "./schema.gen";

export type DeskHint = components["schemas"]["HintOut"];
export type DeskSettings = components["schemas"]["DeskOut"];

export class DeskCalls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  settings(): Promise<DeskSettings> {
    return this.#client.call("GET", "/api/desk");
  }
}
