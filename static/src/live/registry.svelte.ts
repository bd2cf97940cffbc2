/** The register as it is shown: the chosen division with its units and counts, and the chosen unit with who is there. */

import { ApiError } from "../wire/client";
import type { Exposure, NewPerson, NewPost, NewUnit, Register, RegisterUnit, RegistryCalls, Sitting, StaffPerson, UnitDetails, UnitEdit } from "../wire/registry";
import type { DivisionName } from "../wire/types";
import { Fetched } from "./fetched.svelte";
import { InOrder } from "./inorder";

type Parts = { registry: Pick<RegistryCalls, "words" | "units" | "unit" | "sitting" | "add" | "edit" | "close" | "staff" | "givePost" | "endPost" | "exposure"> };

/** A division in the tree of those that are shown. `depth` is 1 for the first. */
export type Branch = { division: DivisionName; depth: number; parts: number; open: boolean };

/** The rows of a tree from `root` down, parents before children, those of closed ones left out. `levels`: only these. */
export function branchesOf(all: Iterable<DivisionName>, root: string, opened: ReadonlySet<string>, levels: ReadonlySet<string>): Branch[] {
  const below = new Map<string, DivisionName[]>();
  let first: DivisionName | undefined;
  for (const one of all) {
    if (one.code === root) first = one;
    else if (one.parent && levels.has(one.level)) below.set(one.parent, [...(below.get(one.parent) ?? []), one]);
  }
  const rows: Branch[] = [];
  const add = (division: DivisionName, depth: number): void => {
    const parts = below.get(division.code) ?? [];
    const open = opened.has(division.code) && parts.length > 0;
    rows.push({ division, depth, parts: parts.length, open });
    if (open) for (const one of parts) add(one, depth + 1);
  };
  if (first) add(first, 1);
  return rows;
}

type Week = readonly (readonly (readonly [number, number])[])[];

/** Whether opening hours hold at a minute of a day; days count from Monday, 0. */
export function isOpenAt(week: Week, day: number, minute: number): boolean {
  return (week[day] ?? []).some(([from, until]) => from <= minute && minute < until);
}

/** Units by kind in the order of the register's kinds; those of no known kind last. */
export function byKind(units: readonly RegisterUnit[], kinds: readonly { code: string }[]): [string, RegisterUnit[]][] {
  const order = [...new Set([...kinds.map(({ code }) => code), ...units.map(({ kind }) => kind)])];
  return order.map((kind) => [kind, units.filter((unit) => unit.kind === kind)] as [string, RegisterUnit[]]).filter(([, of]) => of.length > 0);
}

export class RegistryView {
  readonly #parts: Parts;
  readonly words: Fetched<Register>;
  division = $state("");
  search = $state("");
  readonly units: Fetched<readonly RegisterUnit[]>;
  /** There are more units than are listed. */
  more = $state(false);
  readonly exposure: Fetched<Exposure>;
  unit = $state.raw<UnitDetails | null>(null);
  sitting = $state.raw<readonly Sitting[] | null>(null);
  refused = $state.raw<ApiError | null>(null);
  /** Grows with each change made here. */
  changes = $state(0);
  readonly #order = new InOrder();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.words = new Fetched(() => parts.registry.words());
    this.units = new Fetched(() => this.#units());
    this.exposure = new Fetched(() => parts.registry.exposure(this.division));
  }

  async #units(): Promise<readonly RegisterUnit[]> {
    const page = await this.#parts.registry.units(this.division, this.search.trim());
    this.more = page.next !== null;
    return page.items;
  }

  async start(division: string, unit: string | null): Promise<void> {
    this.division = division;
    await Promise.all([this.words.refresh(), this.units.refresh(), this.exposure.refresh(), unit ? this.open(unit) : null]);
    if (!this.unit) await this.#openFirst();
  }

  stop(): void {
    for (const one of [this.words, this.units, this.exposure]) one.stop();
  }

  async choose(division: string): Promise<void> {
    this.division = division;
    this.search = "";
    await Promise.all([this.units.ask(() => this.#units()), this.exposure.ask(() => this.#parts.registry.exposure(division))]);
    await this.#openFirst();
  }

  find(words: string): Promise<void> {
    this.search = words;
    return this.units.ask(() => this.#units());
  }

  async #openFirst(): Promise<void> {
    const found = this.units.value ?? [];
    const first = found.find(({ centre }) => centre) ?? found[0];
    if (first) await this.open(first.code);
    else [this.unit, this.sitting] = [null, null];
  }

  async open(code: string): Promise<void> {
    this.refused = null;
    const asked = this.#order.ask();
    await this.#try(async () => {
      const [unit, sitting] = await Promise.all([this.#parts.registry.unit(code), this.#parts.registry.sitting(code)]);
      if (this.#order.takes(asked)) [this.unit, this.sitting] = [unit, sitting];
    });
  }

  /** Changes the chosen unit. Returns whether that was taken. */
  edit(edit: UnitEdit): Promise<boolean> {
    return this.#change(async (code) => this.#parts.registry.edit(code, edit));
  }

  endPost(id: number, reason: string): Promise<boolean> {
    return this.#change(async () => this.#parts.registry.endPost(id, reason));
  }

  /** Opens a unit in the chosen division, and chooses it. */
  async add(unit: Omit<NewUnit, "division">): Promise<boolean> {
    this.refused = null;
    if (!(await this.#try(async () => void (await this.#parts.registry.add({ ...unit, division: this.division }))))) return false;
    this.changes++;
    await Promise.all([this.open(unit.code), this.units.refresh()]);
    return true;
  }

  /** Closes the chosen unit; the first of its division is chosen then. */
  async close(reason: string): Promise<boolean> {
    const code = this.unit?.code;
    this.refused = null;
    if (code === undefined || !(await this.#try(async () => void (await this.#parts.registry.close(code, reason))))) return false;
    this.changes++;
    await this.units.refresh();
    await this.#openFirst();
    return true;
  }

  staff(words: string): Promise<readonly StaffPerson[]> {
    return this.#parts.registry.staff(words);
  }

  /** Gives a post in the chosen unit to a person of the staff, or to somebody new. */
  givePost(post: Omit<NewPost, "unit" | "person" | "new_person">, to: StaffPerson | NewPerson): Promise<boolean> {
    const whom = "id" in to ? { person: to.id } : { new_person: to };
    return this.#change((unit) => this.#parts.registry.givePost({ ...post, ...whom, unit }));
  }

  async #change(make: (code: string) => Promise<unknown>): Promise<boolean> {
    const code = this.unit?.code;
    if (code === undefined) return false;
    this.refused = null;
    if (!(await this.#try(async () => void (await make(code))))) return false;
    this.changes++;
    await Promise.all([this.open(code), this.units.refresh()]);
    return true;
  }

  async #try(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      this.refused = problem;
      return false;
    }
  }
}
