/** What grid workers may and may not be asked for, by division: kept on the phone for a task that is given back without a network. */

import { createContext } from "svelte";
import { ApiError } from "../../wire/client";
import type { Services } from "../../wire/rounds";
import type { AppState } from "../app.svelte";

const KEPT = "services";
type Listed = readonly Pick<Services["in_force"][number], "title" | "verdict" | "basis">[];

export class ServiceLists {
  readonly #parts: { rounds: Pick<AppState["rounds"], "services">; field: Pick<AppState["field"], "store"> };
  #byDivision = $state.raw<ReadonlyMap<string, Listed>>(new Map());

  constructor(parts: { rounds: Pick<AppState["rounds"], "services">; field: Pick<AppState["field"], "store"> }) {
    this.#parts = parts;
  }

  /** The services in force at the end of a path; undefined where they are not known. */
  at(path: string): Listed | undefined {
    return this.#byDivision.get(path.split(".").at(-1) ?? "");
  }

  /** Fetches those at the end of a path, and keeps them. */
  async fetch(path: string): Promise<void> {
    const code = path.split(".").at(-1);
    if (!code || this.#byDivision.has(code)) return;
    const store = await this.#parts.field.store();
    try {
      const { in_force } = await this.#parts.rounds.services(code);
      this.#byDivision = new Map([[code, in_force]]);
      await store?.keep(KEPT, { code, in_force }).catch(() => undefined);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      const kept = (await store?.read(KEPT).catch(() => undefined)) as { code: string; in_force: Listed } | undefined;
      if (kept?.code === code) this.#byDivision = new Map([[code, kept.in_force]]);
    }
  }
}

export const [useServiceLists, provideServiceLists] = createContext<ServiceLists>();
