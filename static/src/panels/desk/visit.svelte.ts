/** The visit that is being written down: its draft is kept on this device, under the key that is made when the form opens. */

import { Kept } from "../../live/kept";
import { Outbox, type OutboxParts } from "../../live/outbox.svelte";
import { freshKey } from "../../wire/calls";
import { ApiError } from "../../wire/client";
import type { Incident } from "../../wire/types";
import type { Draft, Point } from "../hall/record/draft.svelte";

type KeptDraft = { key: string; fields: Draft["fields"]; point: Point | null };

/** How many of the last registered are listed. */
const RECENT = 10;

export class Visit {
  readonly draft: Draft;
  readonly outbox: Outbox;
  readonly #kept: Kept<KeptDraft>;
  readonly #onRegistered: (incident: Incident, ofForm: boolean) => void;
  /** Made when the form opens: however often it is pressed, one visit is registered. */
  key = $state(freshKey());
  /** The draft was found on this device. */
  restored = $state(false);
  /** The visit whose slip is shown, as the server has answered it. */
  last = $state.raw<Incident | null>(null);
  /** Those registered since the page was opened, the latest first. */
  recent = $state.raw<readonly Incident[]>([]);
  /** Until the draft of before is taken up, nothing is kept over it. */
  #started = false;
  readonly sending = $derived.by(() => this.outbox.sending.has(this.key));

  constructor(parts: OutboxParts & { draft: Draft; onRegistered: (incident: Incident, ofForm: boolean) => void; wait?: (ms: number) => Promise<void> }) {
    this.draft = parts.draft;
    this.#onRegistered = parts.onRegistered;
    this.#kept = new Kept(parts.platform.storage, { name: "visit", user: parts.session.me?.id ?? 0 });
    this.outbox = new Outbox(parts, (incident, key) => this.#registered(incident, key), parts.wait);
  }

  /** Takes up what was left on this device: the draft, and what was not answered. */
  start(): void {
    const now = Date.now();
    const kept = this.#kept.read(now);
    this.#started = true;
    this.outbox.start(now);
    // One that was sent is in the outbox, whole: the form is free.
    if (kept && !this.outbox.has(kept.key)) {
      Object.assign(this.draft.fields, kept.fields);
      this.draft.point = kept.point;
      this.key = kept.key;
      this.restored = !this.draft.isBlank;
    }
  }

  /** Keeps the draft as it is now. */
  keep(): void {
    if (!this.#started) return;
    const { draft, key } = this;
    const fields = $state.snapshot(draft.fields);
    this.#kept.write(draft.isBlank ? null : { key, fields, point: draft.point }, Date.now());
  }

  /** Registers the visit. Pressed again, or with nothing written, nothing happens. Where the server does not answer, the
   * visit waits in the outbox, and the form is free for the next. */
  async register(): Promise<void> {
    const { draft, key } = this;
    if (this.sending || draft.isBlank || this.outbox.get(key)?.state === "waiting" || !draft.check()) return;
    draft.problem = null;
    this.keep();
    const outcome = await this.outbox.send(key, draft.body(), Date.now());
    if (key !== this.key || outcome === "registered") return;
    if (outcome === "waiting") this.clear();
    else this.#takeBack(key);
  }

  /** Empties the form for the next visitor. */
  clear(): void {
    this.draft.clear();
    this.key = freshKey();
    this.restored = false;
    this.keep();
  }

  /** Puts a refused visit back into the form, to be corrected. */
  edit(key: string): void {
    if (!this.draft.isBlank && this.key !== key) return;
    this.#takeBack(key);
  }

  #takeBack(key: string): void {
    const item = this.outbox.take(key);
    if (!item) return;
    const { lon, lat, source, ...said } = item.body;
    this.draft.clear();
    for (const [name, text] of Object.entries(said)) if (name in this.draft.fields && typeof text === "string") this.draft.fields[name as keyof Draft["fields"]] = text;
    this.draft.source = source;
    this.draft.point = typeof lon === "number" && typeof lat === "number" ? [lon, lat] : null;
    this.key = key;
    this.draft.refuse(new ApiError(422, item.code ?? "", item.params));
    this.keep();
  }

  #registered(incident: Incident, key: string): void {
    this.recent = [incident, ...this.recent.filter((one) => one.id !== incident.id)].slice(0, RECENT);
    this.last = incident;
    const ofForm = key === this.key;
    if (ofForm) this.clear();
    this.#onRegistered(incident, ofForm);
  }
}
