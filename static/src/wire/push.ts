/** Web Push over HTTP. */

import type { Client } from "./client";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Push = Schemas["PushOut"];
export type PushIn = Schemas["PushIn"];

export class PushCalls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  read(): Promise<Push> {
    return this.#client.call("GET", "/api/push");
  }

  keep(said: PushIn): Promise<Push> {
    return this.#client.call("PUT", "/api/push", { body: said });
  }

  test(): Promise<Push> {
    return this.#client.call("POST", "/api/push/test");
  }

  end(): Promise<void> {
    return this.#client.call("DELETE", "/api/push");
  }
}
