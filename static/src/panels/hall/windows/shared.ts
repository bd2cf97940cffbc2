/** One choice in several windows: what one window chooses, the others show. Each has its own connection to the server. */

import type { Channel } from "../../../wire/platform";

/** A part of the choice. `read` registers reactive dependencies; `write` takes what another window chose. */
export type Facet<Value = unknown> = { read: () => Value; write: (value: Value) => void };

export type Message =
  | { t: "ask" }
  | { t: "state"; name: string; value: unknown }
  | { t: "here" | "gone" | "close"; panel: string }
  | { t: "look"; lon: number; lat: number };

export class Shared {
  readonly #channel: Channel<Message>;
  readonly #facets: ReadonlyMap<string, Facet>;
  /** What all windows hold, as text: what is equal is not sent again. */
  readonly #held = new Map<string, string>();

  constructor(channel: Channel<Message>, facets: Readonly<Record<string, Facet>>) {
    this.#channel = channel;
    this.#facets = new Map(Object.entries(facets));
  }

  get names(): string[] {
    return [...this.#facets.keys()];
  }

  /** Asks the other windows what is chosen. A new window takes over their choice instead of imposing its own. */
  ask(): void {
    this.#channel.post({ t: "ask" });
  }

  /** Sends a part of the choice if it has changed here. Called from an effect of its own for each part. */
  offer(name: string): void {
    const value = this.#facets.get(name)?.read();
    const text = JSON.stringify(value);
    const held = this.#held.get(name);
    this.#held.set(name, text);
    if (held !== undefined && held !== text) this.#channel.post({ t: "state", name, value });
  }

  receive(message: Message): void {
    if (message.t === "ask") for (const name of this.names) this.#tell(name);
    if (message.t === "state") this.#take(message.name, message.value);
  }

  #tell(name: string): void {
    const held = this.#held.get(name);
    if (held !== undefined) this.#channel.post({ t: "state", name, value: JSON.parse(held) as unknown });
  }

  #take(name: string, value: unknown): void {
    const text = JSON.stringify(value);
    if (this.#held.get(name) === text) return;
    this.#held.set(name, text);
    this.#facets.get(name)?.write(value);
  }
}
