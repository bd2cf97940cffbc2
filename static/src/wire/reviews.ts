/** Commands of phones that somebody has to decide on, over HTTP. */

import type { Client } from "./client";
import type { Page, Schemas } from "./types";

export type KeptCommand = Schemas["KeptCommandOut"];
export type Verdict = "restore" | "dismiss";

export class ReviewCalls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  list(): Promise<Page<KeptCommand>> {
    return this.#client.call("GET", "/api/commands");
  }

  decide(id: string, verdict: Verdict): Promise<KeptCommand> {
    return this.#client.call("POST", `/api/commands/${id}/${verdict}`);
  }
}
