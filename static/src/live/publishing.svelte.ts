/** What changes hands by the open plan, the choices of who publishes it, and the publication itself. */

import { ApiError } from "../wire/client";
import type { PlanningCalls, Post, Thing, Transfer, Transfers } from "../wire/planning";
import type { PlanDetails } from "../wire/plans";

const A_PAGE = 100;

/** Things that change hands, as the dialog groups them: the work, the people, what stands there. */
export const THINGS = ["incident", "task", "clock", "force", "home", "account", "camera", "place"] as const satisfies readonly Thing[];

export type Listed = { items: readonly Transfer[]; next: string | null };

/** What stands against publishing: the error, where, and where the other plan's lines run. */
export type Against = { code: string; where: unknown; other: unknown; plan: number | null; codes: readonly string[] };

export class Publishing {
  readonly #calls: Pick<PlanningCalls, "transfers" | "publish">;
  found = $state.raw<Transfers | null>(null);
  lists = $state.raw<Partial<Record<Thing, Listed>>>({});
  /** The force chosen for each grid that nobody would answer for. */
  chosen = $state<Record<string, number>>({});
  /** Grids without anybody of their own, each with the grid whose workers answer for it too. */
  shared = $state.raw<Readonly<Record<string, string>>>({});
  /** Grids that need somebody, as the transfers say, or the refusal of a publication. */
  unanswered = $state.raw<readonly string[]>([]);
  against = $state.raw<Against | null>(null);
  problem = $state<string | null>(null);
  busy = $state(false);
  #plan: number | null = null;

  constructor(calls: Pick<PlanningCalls, "transfers" | "publish">) {
    this.#calls = calls;
  }

  readonly missing = $derived.by(() => this.unanswered.filter((code) => !this.chosen[code]));

  /** How many things change hands that are counted; incidents with their tasks and clocks are one. */
  readonly total = $derived.by(() => {
    const counts = this.found?.counts;
    return THINGS.filter((thing) => thing !== "task" && thing !== "clock").reduce((sum, thing) => sum + (counts?.[thing] ?? 0), 0);
  });

  async load(plan: number): Promise<void> {
    this.#plan = plan;
    await this.#try(async () => {
      const found = await this.#calls.transfers(plan);
      if (this.#plan !== plan) return;
      this.found = found;
      this.unanswered = found.nobody;
      this.shared = found.shared;
    });
  }

  /** Loads the first page of a group, or its next one. */
  async list(thing: Thing): Promise<void> {
    const plan = this.#plan;
    const known = this.lists[thing];
    if (plan === null || (known && known.next === null)) return;
    await this.#try(async () => {
      const page = await this.#calls.transfers(plan, { thing, limit: A_PAGE, cursor: known?.next ?? null });
      this.lists = { ...this.lists, [thing]: { items: [...(known?.items ?? []), ...page.items], next: page.next ?? null } };
    });
  }

  /** Publishes for a day. Returns whether it was done. */
  async publish(plan: Pick<PlanDetails, "id" | "version">, day: string, note: string): Promise<boolean> {
    const posts: Post[] = Object.entries(this.chosen).filter(([code, force]) => force && (this.unanswered.includes(code) || code in this.shared)).map(([division, force]) => ({ division, force }));
    this.busy = true;
    this.against = null;
    const done = await this.#try(async () => void (await this.#calls.publish(plan.id, plan.version, { day, posts, note })));
    this.busy = false;
    return done;
  }

  async #try(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      this.problem = null;
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#refused(error);
      return false;
    }
  }

  #refused({ code, params }: ApiError): void {
    const codes = Array.isArray(params.codes) ? params.codes.filter((one) => typeof one === "string") : [];
    this.problem = code;
    this.against = { code, where: params.where ?? null, other: params.other ?? null, plan: typeof params.plan === "number" ? params.plan : null, codes };
    if (code === "plan.nobody") this.unanswered = [...new Set([...this.unanswered, ...codes])];
  }
}
