/** The planner's desk: the plans, the one that is open with its lines and figures, and what is drawn on it.
 *
 * Everything shown follows from the server's answers. A preview is shown beside the lines and never becomes them.
 */

import type { Calls } from "../wire/calls";
import { ApiError } from "../wire/client";
import type {
  Compared,
  Drawn,
  FiguresByCode,
  KeptOperation,
  LineFeature,
  LineProblem,
  LineProperties,
  Lines,
  NewPlan,
  Operation,
  Plan,
  PlanCalls,
  PlanDetails,
  PlanState,
} from "../wire/plans";
import { Latest } from "./latest";
import { PlanLines } from "./planlines.svelte";
import type { Session } from "./session.svelte";

/** Sixteen previews a second at most: the numbers move with the hand, and the server is left to the others. */
const PREVIEW_EVERY_MS = 60;

/** What a refusal shows: its code, the divisions and the place. `soft` while the gesture goes on. */
export type Refusal = { code: string; params: Record<string, unknown>; where: unknown; operation: Operation | null; soft: boolean };

/** A preview: what would be, and of which operation. */
export type Preview = { operation: Operation; drawn: Drawn; lines: readonly LineFeature[] };

export type PlanDeskParts = {
  plans: PlanCalls;
  calls: Pick<Calls, "allDivisions">;
  session: Pick<Session, "may" | "county" | "me">;
  platform: { address: { params: () => URLSearchParams; replace: (params: URLSearchParams) => void } };
};

export class PlanDesk {
  readonly #parts: PlanDeskParts;
  /** Newest first; null until they are loaded. */
  plans = $state.raw<readonly Plan[] | null>(null);
  plan = $state.raw<PlanDetails | null>(null);
  readonly lines = new PlanLines();
  /** Names and levels of all divisions that were seen, also of those that have ended. */
  readonly #seen = new Map<string, Pick<LineProperties, "name" | "level">>();
  /** Figures on the lines that the plan begins with, and on the draft's, of all that it touches and of the whole. */
  before = $state.raw<FiguresByCode>({});
  after = $state.raw<FiguresByCode>({});
  problems = $state.raw<readonly LineProblem[]>([]);
  notices = $state.raw<readonly LineProblem[]>([]);
  masked = $state(false);
  preview = $state.raw<Preview | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  /** Code of the error that loading, or a step, ended with. */
  problem = $state<string | null>(null);
  loading = $state(false);
  /** A change that waits for its answer. */
  pending = $state(false);
  /** Somebody else changed the plan: it has been loaded anew, and this can be done again. */
  overtaken = $state.raw<{ again: Operation | null } | null>(null);
  readonly #previews: Latest<Operation, Drawn>;
  /** The last change that was asked for, answered or not. */
  #last: Promise<boolean> = Promise.resolve(true);

  constructor(parts: PlanDeskParts) {
    this.#parts = parts;
    this.#previews = new Latest({
      everyMs: PREVIEW_EVERY_MS,
      ask: (operation) => this.#askPreview(operation),
      onAnswer: (drawn, operation) => this.#previewed(drawn, operation),
      onError: (problem, operation) => this.#failed(problem, operation, { soft: true }),
    });
  }

  nameOf(code: string): string {
    return this.lines.get(code)?.properties.name ?? this.#seen.get(code)?.name ?? code;
  }

  /** The level of a division, of one that has ended too; undefined for one that was never seen. */
  levelOf(code: string): string | undefined {
    const coming = this.preview?.lines.find(({ properties }) => properties.code === code)?.properties;
    return (this.lines.get(code)?.properties ?? coming ?? this.#seen.get(code))?.level;
  }

  /** The name of a division as the preview would have it. */
  shownNameOf(code: string): string {
    return this.preview?.lines.find(({ properties }) => properties.code === code)?.properties.name ?? this.nameOf(code);
  }

  /** The figures that are shown: the preview's over the draft's. */
  readonly shown = $derived.by<{ before: FiguresByCode; after: FiguresByCode }>(() => {
    const drawn = this.preview?.drawn;
    if (!drawn) return { before: this.before, after: this.after };
    return { before: { ...this.before, ...drawn.before }, after: merged(this.after, drawn) };
  });

  /** What is wrong, and what ought to be seen: of the preview while there is one. */
  readonly faults = $derived([...(this.preview?.drawn.problems ?? this.problems), ...(this.preview?.drawn.notices ?? this.notices)]);

  readonly mayDraw = $derived.by(() => this.whyNotDraw === null);

  /** Why nothing can be drawn now, as a key below `planner.why`; null where it can. */
  readonly whyNotDraw = $derived.by<"role" | "none" | Exclude<PlanState, "draft" | "returned"> | null>(() => {
    if (!this.#parts.session.may("plans.draw")) return "role";
    if (!this.plan) return "none";
    const { state } = this.plan;
    return state === "draft" || state === "returned" ? null : state;
  });

  readonly inForce = $derived.by<KeptOperation[]>(() => (this.plan?.operations ?? []).filter((one) => one.in_force));

  readonly canUndo = $derived.by(() => this.mayDraw && this.inForce.length > 0);

  /** The operation that a redo puts in force. */
  readonly redoable = $derived.by<KeptOperation | null>(() => {
    const { operations = [], redoable } = this.plan ?? {};
    return operations.find(({ id }) => id === redoable) ?? null;
  });

  readonly canRedo = $derived.by(() => this.mayDraw && this.redoable !== null);

  async loadPlans(): Promise<void> {
    await this.#guarded(async () => {
      const found: Plan[] = [];
      for (let cursor: string | null = null, first = true; first || cursor; first = false) {
        const page: { items: Plan[]; next?: string | null } = await this.#parts.plans.list(cursor);
        found.push(...page.items);
        cursor = page.next ?? null;
      }
      this.plans = found.sort((a, b) => b.id - a.id);
    });
  }

  /** Opens the plan that the address names, if it names one. */
  async openNamed(): Promise<void> {
    const id = Number(this.#parts.platform.address.params().get("plan"));
    if (Number.isInteger(id) && id > 0) await this.open(id);
  }

  async open(id: number): Promise<void> {
    this.loading = true;
    this.#forgetPreview();
    try {
      await this.#guarded(() => this.#load(id));
      this.#name(this.plan?.id ?? null);
    } finally {
      this.loading = false;
    }
  }

  close(): void {
    this.#forgetPreview();
    this.plan = null;
    this.lines.clear();
    this.#figure({ before: {}, after: {}, problems: [], notices: [] });
    this.#name(null);
  }

  /** Begins a draft and opens it. Returns whether it was begun. */
  async begin(body: NewPlan): Promise<boolean> {
    return this.#guarded(async () => {
      const plan = await this.#parts.plans.begin(body);
      await this.open(plan.id);
      void this.loadPlans();
    });
  }

  /** Loads the open plan again, with its lines and figures. */
  async reload(): Promise<void> {
    if (this.plan) await this.open(this.plan.id);
  }

  /** Takes in the plan after a step that did not change its lines: a submission, a review, a comment. */
  async refresh(): Promise<void> {
    const id = this.plan?.id;
    if (id === undefined) return;
    await this.#guarded(async () => {
      const plan = await this.#parts.plans.plan(id);
      if (this.plan?.id === id) this.plan = plan;
    });
    void this.loadPlans();
  }

  /** Waits until the changes that were asked for are answered. */
  async answered(): Promise<void> {
    await this.#last;
  }

  /** Asks what an operation would do; the newest wins. */
  consider(operation: Operation): void {
    if (this.mayDraw) this.#previews.offer(operation);
  }

  /** Forgets the preview, and whatever it was refused for. */
  forget(): void {
    this.#forgetPreview();
    this.refusal = null;
  }

  /** Applies an operation. Returns whether it was; a refusal is shown on the map. */
  async apply(operation: Operation): Promise<boolean> {
    return this.#change(operation, (plan) => this.#parts.plans.operate(plan.id, plan.version, operation));
  }

  async undo(): Promise<boolean> {
    return this.#change(null, (plan) => this.#parts.plans.undo(plan.id, plan.version), () => this.canUndo);
  }

  async redo(): Promise<boolean> {
    return this.#change(null, (plan) => this.#parts.plans.redo(plan.id, plan.version), () => this.canRedo);
  }

  /** Puts the draft on the lines of today. */
  async rebase(): Promise<boolean> {
    const done = await this.#change(null, (plan) => this.#parts.plans.rebase(plan.id, plan.version));
    if (done) await this.reload();
    return done;
  }

  /** Does again what was overtaken. */
  async again(): Promise<void> {
    const operation = this.overtaken?.again;
    this.overtaken = null;
    if (operation) await this.apply(operation);
  }

  async #load(id: number): Promise<void> {
    const { plans } = this.#parts;
    const [plan, lines, figures] = await Promise.all([plans.plan(id), plans.lines(id), plans.figures(id)]);
    await this.#seeEnded(plan, lines, figures);
    this.plan = plan;
    this.lines.load(lines);
    this.masked = figures.masked;
    this.#figure({ before: figures.before, after: figures.after, problems: [], notices: [] });
    this.refusal = null;
  }

  /** Takes in the names, also of divisions that are on the lines of the base day alone: the plan has ended them. */
  async #seeEnded(plan: PlanDetails, { features }: Lines, figures: Compared): Promise<void> {
    for (const { properties } of features) this.#seen.set(properties.code, properties);
    if (Object.keys(figures.before).every((code) => this.#seen.has(code))) return;
    const { items } = await this.#parts.calls.allDivisions(plan.base_day);
    for (const one of items) if (!this.#seen.has(one.code)) this.#seen.set(one.code, one);
  }

  /** Makes a change once those before it are answered, if it still may be made then: keys are faster than answers. */
  #change(operation: Operation | null, ask: (plan: PlanDetails) => Promise<Drawn>, may = () => this.mayDraw): Promise<boolean> {
    this.#previews.drop();
    const changed = this.#last.then(() => (may() ? this.#changeNow(operation, ask) : false));
    this.#last = changed.catch(() => false);
    return changed;
  }

  async #changeNow(operation: Operation | null, ask: (plan: PlanDetails) => Promise<Drawn>): Promise<boolean> {
    const { plan } = this;
    if (!plan) return false;
    this.pending = true;
    try {
      this.#take(await ask(plan));
      this.plan = await this.#parts.plans.plan(plan.id);
      return true;
    } catch (problem) {
      await this.#failed(problem, operation, { soft: false });
      return false;
    } finally {
      this.pending = false;
    }
  }

  #take(drawn: Drawn): void {
    this.preview = null;
    const changed = featuresOf(drawn);
    for (const { properties } of changed) this.#seen.set(properties.code, properties);
    this.lines.patch(changed, drawn.ended);
    this.#figure({
      before: { ...this.before, ...drawn.before },
      after: merged(this.after, drawn),
      problems: drawn.problems,
      notices: drawn.notices,
    });
    if (this.plan) this.plan = { ...this.plan, version: drawn.version };
    this.refusal = null;
    this.problem = null;
    this.overtaken = null;
  }

  #figure(found: Pick<PlanDesk, "before" | "after" | "problems" | "notices">): void {
    this.before = found.before;
    this.after = found.after;
    this.problems = found.problems;
    this.notices = found.notices;
  }

  /** Asks once the changes before are answered: what is drawn meanwhile is drawn on what they leave. */
  async #askPreview(operation: Operation): Promise<Drawn> {
    if (this.pending) await this.#last;
    if (!this.plan) return Promise.reject(new ApiError(0, "unreachable"));
    return this.#parts.plans.preview(this.plan.id, this.plan.version, operation);
  }

  #previewed(drawn: Drawn, operation: Operation): void {
    this.preview = { operation, drawn, lines: featuresOf(drawn) };
    this.refusal = null;
    this.problem = null;
  }

  #forgetPreview(): void {
    this.#previews.drop();
    this.preview = null;
  }

  async #failed(problem: unknown, operation: Operation | null, { soft }: { soft: boolean }): Promise<void> {
    if (!(problem instanceof ApiError)) throw problem;
    this.preview = null;
    if (problem.status === 412 && !soft) {
      await this.reload();
      this.overtaken = { again: operation };
    } else if (problem.code.startsWith("plan.") || problem.status === 412) {
      this.refusal = { code: problem.code, params: problem.params, where: problem.params.where ?? null, operation, soft };
    } else {
      this.problem = problem.code;
    }
  }

  async #guarded(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      this.problem = null;
      return true;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      this.problem = problem.code;
      return false;
    }
  }

  #name(id: number | null): void {
    const params = this.#parts.platform.address.params();
    if (id === null) params.delete("plan");
    else params.set("plan", String(id));
    this.#parts.platform.address.replace(params);
  }
}

function featuresOf(drawn: Drawn): LineFeature[] {
  return ((drawn.lines as Lines | null | undefined)?.features ?? []).slice();
}

/** Figures after a change: what was touched before stays known, what ended has none. */
function merged(known: FiguresByCode, drawn: Drawn): FiguresByCode {
  const ended = new Set(drawn.ended);
  return Object.fromEntries(Object.entries({ ...known, ...drawn.figures }).filter(([code]) => !ended.has(code)));
}
