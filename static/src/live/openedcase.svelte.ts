/** The case that is open: where it stands, the form of a move, and what the server said to it. */

import { createContext } from "svelte";
import type { CaseCalls, CaseFile, Filled, PossibleMove } from "../wire/cases";
import { freshKey } from "../wire/calls";
import { ApiError } from "../wire/client";
import type { Platform } from "../wire/platform";
import { bodyOf, faultsOf, refusedFields, type Written } from "./caseform";
import type { FlowWords } from "./flowwords.svelte";
import { InOrder } from "./inorder";
import { Kept } from "./kept";

export type CaseParts = {
  cases: Pick<CaseCalls, "case" | "move">;
  flow: FlowWords;
  platform: Pick<Platform, "storage">;
  session: { readonly me: { id: number } | null };
};

/** What is written of a move that has not been made, with its key; `sent` is the body that went without an answer. */
type Begun = { move: string; written: Written; key: string; sent: Filled | null };

/** A refusal: its code, and the reason and names that come with it. */
export type Refusal = { code: string; params: Record<string, unknown> };

export class OpenedCase {
  readonly #parts: CaseParts;
  /** Told after a move was made. */
  readonly #onMoved: (file: CaseFile) => void;
  id = $state<number | null>(null);
  file = $state.raw<CaseFile | null>(null);
  /** The case cannot be seen, or the incident has none. */
  gone = $state(false);
  /** It could not be fetched: what is shown may be old. */
  stale = $state(false);
  /** The move whose form is open. */
  move = $state.raw<PossibleMove | null>(null);
  written = $state<Written>({});
  errors = $state.raw<Record<string, string>>({});
  refusal = $state.raw<Refusal | null>(null);
  sending = $state(false);
  /** The move that was made last, until the next form opens. */
  made = $state<string | null>(null);
  /** What a form begins with: a screen may suggest it. */
  prefill: (move: PossibleMove, file: CaseFile) => Written = () => ({});
  #key = "";
  /** The body that was sent and has had no answer. */
  #sent: Filled | null = null;
  readonly #order = new InOrder();

  constructor(parts: CaseParts, onMoved: (file: CaseFile) => void = () => undefined) {
    this.#parts = parts;
    this.#onMoved = onMoved;
  }

  /** Opens the case of an incident. A move that was begun on this device is taken up again. */
  async open(id: number): Promise<void> {
    if (this.id !== id) this.#forget(id);
    await this.refresh();
    await this.#takeUp();
  }

  /** Fetches the case again. */
  async refresh(): Promise<void> {
    const { id } = this;
    if (id === null) return;
    const asked = this.#order.ask();
    try {
      const file = await this.#parts.cases.case(id);
      await this.#take(file, asked);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      if (!this.#order.isLast(asked)) return;
      this.gone = problem.status === 404 || problem.status === 403;
      this.stale = !this.gone;
      if (this.gone) this.file = null;
    }
  }

  /** Fetches the case if the feed has a newer version of it. */
  follow(version: number): void {
    if (this.file && version > this.file.version && !this.sending) void this.refresh();
  }

  begin(move: PossibleMove): void {
    this.made = null;
    this.move = move;
    this.written = this.file ? this.prefill(move, this.file) : {};
    this.errors = {};
    this.refusal = null;
    this.#key = freshKey();
    this.#sent = null;
  }

  /** Writes a field. Other words than those that were sent are another move: the version bars it if the first was made. */
  write(field: string, value: Written[string]): void {
    if (this.#sent) this.#key = freshKey();
    this.#sent = null;
    this.written[field] = value;
    const { [field]: corrected, ...left } = this.errors;
    if (corrected !== undefined) this.errors = left;
    this.#keep();
  }

  /** Closes the form and throws away what is written. */
  discard(): void {
    this.move = null;
    this.refusal = null;
    this.errors = {};
    this.#sent = null;
    this.#kept?.write(null, Date.now());
  }

  /** Makes the move. Pressed again while it is under way, nothing more happens; after a lost answer it is sent under the
   * same key, so that it is made once. */
  async make(): Promise<boolean> {
    const { file, move } = this;
    if (!file || !move || this.sending) return false;
    this.errors = faultsOf(move.form, this.written);
    if (Object.keys(this.errors).length) return false;
    return this.#send(file, { move: move.move, body: bodyOf(move.form, this.written) });
  }

  async #send(file: CaseFile, { move, body }: { move: string; body: Filled }): Promise<boolean> {
    this.sending = true;
    this.refusal = null;
    this.#sent = body;
    this.#keep();
    try {
      const after = await this.#parts.cases.move(file, move, body, this.#key);
      this.discard();
      this.made = move;
      await this.#take(after, this.#order.ask());
      this.#onMoved(after);
      return true;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      await this.#refused(problem);
      return false;
    } finally {
      this.sending = false;
    }
  }

  /** Another has moved the case, or something bars the move: fetch what holds now, and keep what is written. It is told
   * once what holds now is there, so that a press that follows is not lost. */
  async #refused(problem: ApiError): Promise<void> {
    if (problem.status !== 0 && problem.status < 500) {
      this.#key = freshKey();
      this.#sent = null;
      this.#keep();
    }
    if (problem.status === 412 || problem.status === 409) {
      await this.refresh();
      const again = this.file?.moves.find((one) => one.move === this.move?.move);
      if (again) this.move = again;
    }
    this.errors = refusedFields(problem.params);
    this.refusal = { code: problem.code, params: problem.params };
  }

  async #take(file: CaseFile, asked: number): Promise<void> {
    await this.#parts.flow.loadVersion(file.pack_version);
    if (file.id !== this.id || !this.#order.takes(asked)) return;
    this.file = file;
    this.gone = false;
    this.stale = false;
  }

  #forget(id: number): void {
    this.id = id;
    this.file = null;
    this.gone = false;
    this.stale = false;
    this.move = null;
    this.refusal = null;
    this.errors = {};
    this.made = null;
  }

  get #kept(): Kept<Begun> | null {
    const { me } = this.#parts.session;
    return me && this.id !== null ? new Kept<Begun>(this.#parts.platform.storage, { name: `move.${this.id}`, user: me.id }) : null;
  }

  #keep(): void {
    const { move, written } = this;
    if (move) this.#kept?.write({ move: move.move, written: $state.snapshot(written) as Written, key: this.#key, sent: this.#sent }, Date.now());
  }

  /** Opens the form that was begun before the page was loaded again. What was sent without an answer goes again. */
  async #takeUp(): Promise<void> {
    const begun = this.move ? null : this.#kept?.read(Date.now());
    if (!begun || !this.file) return;
    this.move = this.file.moves.find((one) => one.move === begun.move) ?? null;
    this.written = begun.written;
    this.#key = begun.key;
    if (begun.sent) await this.#send(this.file, { move: begun.move, body: begun.sent });
    if (!this.move) this.#kept?.write(null, Date.now());
  }
}

export const [useOpenedCase, provideOpenedCase] = createContext<OpenedCase>();
