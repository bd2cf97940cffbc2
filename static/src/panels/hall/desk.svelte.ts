/** State of the operator's desk: queue cursor, open incident, its candidates and the chosen one. */

import { createContext } from "svelte";
import type { TaskAnswer } from "../../wire/calls";
import { ApiError } from "../../wire/client";
import type { Candidate, Candidates, Force, Incident, NearCamera, Role, Task, TimelineEntry } from "../../wire/types";
import type { AppState } from "../../live/app.svelte";
import { riskRank } from "../../live/names";
import { isPlaced } from "../../live/placed";
import { listOf } from "../../live/queueview";
import { isLed, nextRole, ROLES } from "../../live/roles";
import { isClosed, isWaiting } from "../../live/urgency";
import { Marked, type Mark, type Refusal } from "./marked.svelte";
import { isOutOfOrder, keepRows } from "./proposals";
import { FIRST, Listing, MORE } from "./candidates/listing.svelte";

export type Sheet = "layers" | "palette" | "help" | "time" | "new" | "force" | "shift" | "seat" | null;

const UNREACHABLE = "unreachable";

export type DeskParts = Pick<AppState, "pending" | "scenes" | "queue" | "shift"> & {
  calls: Pick<
    AppState["calls"],
    "incident" | "candidates" | "nearCameras" | "timeline" | "send" | "stepTask" | "closeIncident" | "placeIncident" | "markSeen"
  >;
  session: Pick<AppState["session"], "may" | "me" | "county">;
};

export class Desk {
  readonly #parts: DeskParts;
  /** Whether the queue's filters are open. */
  filtering = $state(false);
  cursor = $state<number | null>(null);
  opened = $state<number | null>(null);
  sheet = $state<Sheet>(null);
  candidates = $state.raw<Candidates | null>(null);
  /** Null until they are loaded. */
  cameras = $state.raw<NearCamera[] | "failed" | null>(null);
  timeline = $state.raw<TimelineEntry[]>([]);
  /** Whether fresh candidates would stand in another order than the one on the screen. */
  outOfOrder = $state(false);
  /** Index of the chosen candidate. -1 where forces are on the incident already, until one is picked. */
  choice = $state(0);
  #pickedByHand = $state(false);
  /** Which forces the panel lists. */
  readonly listing = new Listing();
  /** The role in which the chosen candidate is dispatched. */
  role = $state<Role>("lead");
  readonly marked = new Marked();
  /** The forces of the last sending that were not sent. */
  refused = $state.raw<readonly Refusal[]>([]);
  /** Whether a sending of several is under way. */
  sending = $state(false);
  /** The force whose card is open. */
  force = $state<number | null>(null);
  /** The tasks that stood when the incident was opened, or that the operator has looked at since. */
  #knownTasks = $state.raw<ReadonlySet<number>>(new Set());
  /** Error code of the last refused action on the open incident. */
  problem = $state<string | null>(null);
  /** Whether the open incident could not be fetched. */
  gone = $state(false);
  /** The incident whose place the next click on the map gives. */
  placing = $state<number | null>(null);
  #archived = $state.raw<Incident | null>(null);
  #asked = new Map<string, Promise<Candidates>>();

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  readonly #rank = $derived.by(() => riskRank(this.#parts.session.county));

  /** The queue as it is filtered and sorted. */
  readonly list = $derived.by(() => {
    const { scenes, queue, shift } = this.#parts;
    // Of a moment that the record knows in part only, nobody can say which incidents waited.
    const view = scenes.recordedFrom === null ? queue.view : { ...queue.view, status: "all" as const };
    return listOf(scenes.current.queue, view, { mine: shift.mine, rank: this.#rank });
  });

  readonly incident = $derived.by(() => {
    if (this.opened === null) return null;
    return this.#parts.scenes.current.incident(this.opened) ?? (this.#archived?.id === this.opened ? this.#archived : null);
  });

  /** The active tasks of the open incident, the lead first. */
  readonly tasks = $derived.by(() => (this.opened === null ? [] : this.#parts.scenes.current.activeTasksOf(this.opened)));

  readonly chosen = $derived(this.candidates?.candidates[this.choice] ?? null);

  readonly #leadIsTaken = $derived(this.role === "lead" && isLed(this.tasks));

  readonly mayDispatch = $derived.by(() => this.#parts.session.may("tasks.dispatch") && !this.#parts.scenes.replaying);

  /** Tasks on the open incident that a colleague has added since it was opened. */
  readonly news = $derived.by(() => this.tasks.filter((task) => !this.#knownTasks.has(task.id) && !this.isMine(task)));

  /** What `D` sends: the marked forces, or the chosen one. */
  readonly toSend = $derived.by((): readonly Mark[] => {
    if (this.marked.list.length) return this.marked.list;
    return this.chosen ? [{ force: this.chosen.force, name: this.chosen.name, role: this.role }] : [];
  });

  readonly canSend = $derived.by(
    () =>
      this.mayDispatch &&
      this.incident !== null &&
      !isClosed(this.incident) &&
      // What a colleague does meanwhile changes no meaning under the hand: another pick is needed.
      (this.tasks.length === 0 || this.#pickedByHand) &&
      !(isLed(this.tasks) && this.toSend.some(({ role }) => role === "lead")) &&
      this.toSend.some(({ force }) => this.takenReason(force) === null) &&
      !this.sending &&
      !this.#parts.pending.has(this.incident.id),
  );

  /** Why a force of the list cannot go any more, as a code of `excluded`; null where it can. */
  takenReason(force: number): string | null {
    const task = this.#parts.scenes.live.busy.get(force);
    if (task) return task.incident === this.opened ? "sent" : "busy";
    if (this.#parts.scenes.live.force(force)?.duty === "off") return "off_duty";
    return this.candidates?.excluded.find((one) => one.force === force)?.code ?? null;
  }

  /** Whether this account sent the force. */
  isMine(task: Task): boolean {
    return task.assigned_by !== null && task.assigned_by === this.#parts.session.me?.id;
  }

  /** Takes notice of what colleagues have sent. */
  seeNews(): void {
    this.#knownTasks = new Set(this.tasks.map((task) => task.id));
  }

  showForce(id: number): void {
    this.force = id;
    this.sheet = "force";
  }

  /** Dispatches a force from its card, in the role that is open on the incident. */
  async sendForce({ id, name }: Pick<Force, "id" | "name">, incident: Incident): Promise<void> {
    if (!this.mayDispatch || this.opened !== incident.id || this.takenReason(id) !== null) return;
    await this.#perform(incident.id, this.#sendOne(incident.id, { force: id, name, role: nextRole(this.tasks) }));
  }

  /** What a click on a force's mark on the map does: it is chosen for the open incident, else its card opens. */
  clickForce(id: number): void {
    const isOpen = this.incident !== null && !isClosed(this.incident) && isPlaced(this.incident);
    if (this.mayDispatch && isOpen) void this.chooseForce(id);
    else this.showForce(id);
  }

  /** Marks the candidate at a place to be sent with others, or unmarks it. The one that is chosen already goes along, as
   * in any list that one adds to. */
  mark(place: number): void {
    const candidate = this.candidates?.candidates[place];
    if (!candidate) return;
    const { marked, chosen } = this;
    const begins = marked.list.length === 0;
    const wasMarked = marked.of(candidate.force) !== undefined;
    if (!wasMarked && this.takenReason(candidate.force) !== null) return;
    this.#pick(place);
    if (wasMarked) return marked.remove(candidate.force);
    const alone = !chosen || chosen.force === candidate.force || this.takenReason(chosen.force) !== null;
    if (begins && !alone) marked.toggle(chosen, this.role);
    marked.toggle(candidate, begins && alone ? this.role : marked.nextRole(this.tasks));
  }

  /** The role in which a candidate goes, marked or chosen. */
  roleOf(force: number): Role {
    return this.marked.of(force)?.role ?? this.role;
  }

  setRole(force: number, role: Role): void {
    if (this.marked.of(force)) this.marked.setRole(force, role);
    else this.role = role;
  }

  /** Gives the chosen candidate the next role that it may have. */
  turnRole(): void {
    if (!this.chosen) return;
    const open = ROLES.filter((role) => role !== "lead" || !isLed(this.tasks));
    const at = open.indexOf(this.roleOf(this.chosen.force) as (typeof open)[number]);
    this.setRole(this.chosen.force, open[(at + 1) % open.length] as Role);
  }

  /** Moves the cursor by rows and returns its new index, -1 in an empty list. */
  move(rows: number): number {
    const at = this.list.findIndex((incident) => incident.id === this.cursor);
    const to = at < 0 ? 0 : Math.min(Math.max(at + rows, 0), this.list.length - 1);
    const incident = this.list[to];
    this.cursor = incident?.id ?? null;
    if (incident && isPlaced(incident) && isWaiting(incident) && this.mayDispatch) void this.#fetchCandidates(incident.id).catch(() => undefined);
    return incident ? to : -1;
  }

  async open(id: number): Promise<void> {
    this.cursor = id;
    if (this.opened === id) return;
    this.opened = id;
    this.#parts.shift.opened(id);
    this.placing = null;
    this.listing.clear();
    this.#clear();
    this.problem = null;
    this.gone = false;
    this.seeNews();
    if (!(await this.#isThere(id)) || this.opened !== id) return;
    await Promise.all([this.refreshCandidates(), this.refreshTimeline(), this.#nearCameras(id)]);
  }

  /** Forgets what was fetched for an incident. */
  #clear(): void {
    this.candidates = null;
    this.cameras = null;
    this.timeline = [];
    this.marked.clear();
    this.refused = [];
    this.outOfOrder = false;
    this.#proposeFirst();
  }

  /** Shows what another window of this desk has opened. */
  follow(opened: number | null): void {
    if (opened !== null) void this.open(opened);
    else {
      this.opened = null;
      this.gone = false;
    }
  }

  back(): void {
    if (this.placing !== null) this.placing = null;
    else if (this.sheet) this.sheet = null;
    else if (this.opened !== null) {
      this.opened = null;
      this.gone = false;
    } else if (this.#parts.scenes.replaying) this.#parts.scenes.back();
  }

  toggle(sheet: Exclude<Sheet, null>): void {
    this.sheet = this.sheet === sheet ? null : sheet;
  }

  /** Chooses the candidate at a place. One that is not marked is chosen alone. */
  choose(place: number): void {
    const candidate = this.candidates?.candidates[place];
    if (candidate && !this.marked.of(candidate.force)) this.marked.clear();
    this.#pick(place);
  }

  #pick(place: number): void {
    if (!this.candidates?.candidates[place]) return;
    if (!this.#pickedByHand || this.#leadIsTaken) this.role = this.#nextRole();
    this.choice = place;
    this.#pickedByHand = true;
    this.refused = [];
    this.seeNews();
  }

  /** The role that the list is for, unless another force has taken it. */
  #nextRole(): Role {
    const { role } = this.listing;
    return role === null || (role === "lead" && isLed(this.tasks)) ? nextRole(this.tasks) : role;
  }

  /** Lists the candidates that the filters now ask for, and proposes the first. */
  async narrow(): Promise<void> {
    this.listing.unpin();
    this.candidates = null;
    this.#proposeFirst();
    await this.refreshCandidates();
  }

  async showMore(): Promise<void> {
    this.listing.limit += MORE;
    await this.refreshCandidates();
  }

  /** Chooses any force for the open incident, listed or not. Where it cannot be sent, its card and the reason show. */
  async chooseForce(id: number): Promise<void> {
    const find = () => this.candidates?.candidates.findIndex((candidate) => candidate.force === id) ?? -1;
    if (find() < 0) {
      this.listing.pinned = id;
      await this.refreshCandidates();
      if (this.listing.pinned !== id) return;
    }
    if (find() >= 0) this.choose(find());
    else this.showForce(id);
  }

  /** Dispatches the marked candidates, else the chosen one. The screen changes when the events arrive over the feed. */
  async send(): Promise<void> {
    if (!this.canSend || !this.incident) return;
    const [incident, marks] = [this.incident.id, this.toSend];
    if (marks.length === 1) {
      this.marked.clear();
      await this.#perform(incident, this.#sendOne(incident, marks[0] as Mark));
    } else await this.#sendAll(incident, marks);
  }

  #sendOne(incident: number, { force, role }: Mark): Promise<unknown> {
    return this.#parts.calls.send(incident, force, role);
  }

  /** Dispatches one after another, the lead first. Who is refused does not keep the others back. */
  async #sendAll(incident: number, marks: readonly Mark[]): Promise<void> {
    this.sending = true;
    this.problem = null;
    this.#parts.pending.begin(incident);
    const refused: Refusal[] = [];
    for (const mark of marks) {
      const taken = this.takenReason(mark.force);
      const code = taken === null ? await this.#tried(this.#sendOne(incident, mark)) : `force.${taken}`;
      if (code !== null) refused.push({ force: mark.force, name: mark.name, code });
    }
    this.sending = false;
    if (refused.length === marks.length) this.#parts.pending.end(incident);
    if (this.opened !== incident) return;
    this.marked.clear();
    this.refused = refused;
    void this.refreshCandidates();
  }

  /** Returns the error code of a refusal, null where it was done. */
  async #tried(doing: Promise<unknown>): Promise<string | null> {
    try {
      await doing;
      return null;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      return problem.code;
    }
  }

  async recall(task: Task, answer: TaskAnswer): Promise<void> {
    await this.#perform(task.incident, this.#parts.calls.stepTask(task.id, "recall", answer));
  }

  /** Recalls a task, then dispatches another force in its role. */
  async sendInstead(task: Task, next: Pick<Candidate, "force">, answer: TaskAnswer = { reason: "unanswered" }): Promise<void> {
    const both = this.#parts.calls.stepTask(task.id, "recall", answer).then(() => this.#parts.calls.send(task.incident, next.force, task.role));
    await this.#perform(task.incident, both);
  }

  async close(incident: Incident, note: string): Promise<void> {
    await this.#perform(incident.id, this.#parts.calls.closeIncident(incident.id, incident.version, note));
  }

  startPlacing(): void {
    this.placing = this.opened;
  }

  stopPlacing(): void {
    this.placing = null;
  }

  /** Gives the incident that waits for one its place. */
  async place(lon: number, lat: number): Promise<void> {
    const incident = this.incident;
    const asked = this.placing === incident?.id;
    this.placing = null;
    if (incident && asked) await this.#perform(incident.id, this.#parts.calls.placeIncident(incident.id, incident.version, [lon, lat]));
  }

  async markSeen(incident: Incident): Promise<void> {
    await this.#perform(incident.id, this.#parts.calls.markSeen(incident.id, incident.version));
  }

  /** Fetches again what the feed does not carry, and the incident itself once it has left the feed. */
  async refresh(): Promise<void> {
    const id = this.opened;
    if (id === null) return;
    const withoutCameras = this.gone || this.cameras === "failed";
    if (!(await this.#isThere(id)) || this.opened !== id) return;
    await Promise.all([withoutCameras && this.#nearCameras(id), this.refreshTimeline(), this.refreshCandidates()]);
  }

  /** Returns whether the open incident can be shown, from the scene or fetched. Sets `gone` where it cannot. */
  async #isThere(id: number): Promise<boolean> {
    if (!this.#parts.scenes.current.incident(id)) {
      const found = await this.#parts.calls.incident(id).catch(() => null);
      if (this.opened !== id) return false;
      this.#archived = found;
    }
    this.gone = this.incident === null;
    if (this.gone) this.#clear();
    return !this.gone;
  }

  /** Fetches the candidates again. Rows stay where they are unless `reorder`: a digit keeps its force. */
  async refreshCandidates({ reorder = false } = {}): Promise<void> {
    const id = this.opened;
    if (id === null || !this.mayDispatch || (this.incident && (this.incident.status === "closed" || !isPlaced(this.incident)))) return;
    try {
      const listed = await this.#fetchCandidates(id);
      const found = await this.listing.withPinned(listed, (query) => this.#parts.calls.candidates(id, query));
      if (this.opened !== id) return;
      const force = reorder && !this.#pickedByHand ? undefined : this.chosen?.force;
      const shown = reorder || this.#isOtherList(found) ? null : this.candidates;
      this.candidates = keepRows(shown, found);
      this.outOfOrder = isOutOfOrder(this.candidates.candidates, found.candidates);
      this.#keepChoice(force);
      if (this.problem === UNREACHABLE) this.problem = null;
    } catch (problem) {
      this.#showProblem(problem);
    }
  }

  /** Whether candidates are for another role than those shown, and none of these is in the operator's hand. */
  #isOtherList(found: Candidates): boolean {
    const isSent = this.tasks.some((task) => task.force === this.chosen?.force);
    return found.role !== this.candidates?.role && (!this.#pickedByHand || isSent);
  }

  /** Chooses the first candidate to lead, where nobody is on the incident; else none. */
  #proposeFirst(): void {
    this.choice = this.tasks.length ? -1 : 0;
    this.role = this.#nextRole();
    this.#pickedByHand = false;
  }

  /** Keeps the chosen force among new candidates, also one that can go no more: it is never replaced silently. What was
   * sent is chosen no more, and what was only proposed gives way to a colleague's. */
  #keepChoice(force: number | undefined): void {
    const sent = this.tasks.some((task) => task.force === force);
    if (sent || (!this.#pickedByHand && (this.tasks.length > 0 || force === undefined))) this.#proposeFirst();
    else this.choice = this.candidates?.candidates.findIndex((candidate) => candidate.force === force) ?? -1;
  }

  async refreshTimeline(): Promise<void> {
    const id = this.opened;
    if (id === null) return;
    const log = await this.#parts.calls.timeline(id).catch(() => null);
    if (log && this.opened === id) this.timeline = log.items;
  }

  async #nearCameras(id: number): Promise<void> {
    const found = await this.#parts.calls.nearCameras(id).then(({ items }) => items, () => "failed" as const);
    if (this.opened === id) this.cameras = found;
  }

  /** Fetches the candidates of an incident, one request at a time: the cursor prefetches them. */
  #fetchCandidates(id: number): Promise<Candidates> {
    const query = id === this.opened ? this.listing.query : { limit: FIRST };
    const key = JSON.stringify([id, query]);
    const asked = this.#asked.get(key) ?? this.#parts.calls.candidates(id, query).finally(() => this.#asked.delete(key));
    this.#asked.set(key, asked);
    return asked;
  }

  async #perform(incident: number, doing: Promise<unknown>): Promise<void> {
    this.problem = null;
    this.#parts.pending.begin(incident);
    try {
      await doing;
    } catch (problem) {
      this.#parts.pending.end(incident);
      this.#showProblem(problem);
      void this.refreshCandidates();
    }
  }

  #showProblem(problem: unknown): void {
    if (!(problem instanceof ApiError)) throw problem;
    this.problem = problem.code;
  }
}

export const [useDesk, provideDesk] = createContext<Desk>();
