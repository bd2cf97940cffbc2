/** The words of the place's case flow, by code: stages, moves, lanes, levels, limits and what forms offer. */

import { named } from "../i18n/index.svelte";
import type { CaseCalls, Flow } from "../wire/cases";
import { ApiError } from "../wire/client";

type Coded = { code: string; names: { zh: string; en: string } };
type Lists = "steps" | "stages" | "lanes" | "levels" | "moves" | "limits" | "conditions" | "outcomes" | "procedures" | "flows";

export class FlowWords {
  readonly #calls: Pick<CaseCalls, "flow">;
  /** The flow in force; null until it is fetched, and where the place has none. */
  current = $state.raw<Flow | null>(null);
  /** Whether the place has no flow of cases. */
  none = $state(false);
  #older = $state.raw<ReadonlyMap<string, Flow>>(new Map());
  #loading: Promise<void> | null = null;

  constructor(calls: Pick<CaseCalls, "flow">) {
    this.#calls = calls;
  }

  /** Fetches the flow once; a failure is tried again at the next call. */
  load(): Promise<void> {
    this.#loading ??= this.#fetch().finally(() => {
      if (!this.current && !this.none) this.#loading = null;
    });
    return this.#loading;
  }

  async #fetch(): Promise<void> {
    try {
      this.current = await this.#calls.flow();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      this.none = problem.status === 404 || problem.status === 403;
    }
  }

  /** Fetches an older version, under which a case runs. */
  async loadVersion(version: string): Promise<void> {
    await this.load();
    if (this.current === null || this.current.version === version || this.#older.has(version)) return;
    try {
      this.#older = new Map(this.#older).set(version, await this.#calls.flow(version));
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
    }
  }

  /** The flow of a version, as far as it is known. */
  of(version: string | undefined): Flow | null {
    return (version && this.#older.get(version)) || this.current;
  }

  word(list: Lists, code: string | null | undefined, version?: string): string {
    if (!code) return "";
    const coded: readonly Coded[] = this.of(version)?.[list] ?? [];
    return named(coded.find((one) => one.code === code)?.names) || code;
  }

  /** The name of a role, such as those that may make a move. */
  role(code: string, version?: string): string {
    return named(this.of(version)?.roles.find((one) => one.code === code)?.names) || code;
  }

  /** The codes of the levels that handle cases, from the lowest. */
  levelsOf(version?: string): string[] {
    return (this.of(version)?.levels ?? []).map(({ code }) => code);
  }

  /** The stages of a flow in their order, without those that a pause alone leads to. */
  stagesOf(flow: string, version?: string): Flow["stages"] {
    const whole = this.of(version);
    const codes = whole?.flows.find((one) => one.code === flow)?.stages ?? [];
    return codes.flatMap((code) => whole?.stages.find((one) => one.code === code) ?? []);
  }
}
