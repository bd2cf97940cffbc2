/** Views of cameras for one incident: what was asked for, what became of it, and the form for one more. */

import type { Viewing, ViewingCalls } from "../../../wire/viewing";
import { codeOf } from "../actions.svelte";

export type ViewingsParts = { viewing: Pick<ViewingCalls, "list" | "ask" | "open" | "decide">; show: (url: string) => void };

const DURATIONS = [5, 15, 30, 60, 120, 240] as const;

/** Durations to choose from, the longest first allowed without approval marked by `approved` being false. */
export function durations({ minutes, approved_minutes }: { minutes: number; approved_minutes: number }): { minutes: number; approved: boolean }[] {
  return DURATIONS.filter((n) => n <= approved_minutes).map((n) => ({ minutes: n, approved: n > minutes }));
}

/** How a request stands at a moment: a grant ends without the server saying so. */
export function standingAt({ standing, expires_at }: Pick<Viewing, "standing" | "expires_at">, now: number): Viewing["standing"] {
  return standing === "granted" && expires_at !== null && Date.parse(expires_at) <= now ? "expired" : standing;
}

export class Viewings {
  readonly #parts: ViewingsParts;
  items = $state.raw<readonly Viewing[]>([]);
  /** The camera whose form is open. */
  camera = $state<number | null>(null);
  reason = $state("");
  minutes = $state<number>(15);
  sending = $state(false);
  failed = $state(false);
  /** The code of the last refusal. */
  problem = $state<string | null>(null);

  constructor(parts: ViewingsParts) {
    this.#parts = parts;
  }

  begin(camera: number): void {
    this.camera = this.camera === camera ? null : camera;
    this.problem = null;
  }

  stop(): void {
    this.camera = null;
    this.reason = "";
    this.problem = null;
  }

  /** This account's latest request for a camera. */
  latestOf(camera: number): Viewing | undefined {
    return this.items.find((one) => one.camera === camera && one.own && one.standing !== "refused");
  }

  async refresh(incident: number | null): Promise<void> {
    const query = incident === null ? { limit: 100 } : { incident, limit: 100 };
    const found = await this.#parts.viewing.list(query).catch(() => null);
    this.failed = found === null;
    if (found) this.items = found.items;
  }

  /** Asks, and opens the platform at once where no approval is needed. */
  async ask(incident: number): Promise<void> {
    const { camera, minutes } = this;
    if (camera === null || this.sending) return;
    await this.#do(async () => {
      const asked = await this.#parts.viewing.ask({ camera, incident, reason: this.reason.trim(), minutes });
      this.stop();
      if (asked.standing === "granted") this.#parts.show((await this.#parts.viewing.open(asked.id)).url);
    });
    await this.refresh(incident);
  }

  async open({ id }: Viewing, incident: number): Promise<void> {
    await this.#do(async () => this.#parts.show((await this.#parts.viewing.open(id)).url));
    await this.refresh(incident);
  }

  async decide({ id }: Viewing, verdict: "approve" | "decline"): Promise<void> {
    await this.#do(async () => void (await this.#parts.viewing.decide(id, verdict)));
    await this.refresh(null);
  }

  async #do(work: () => Promise<void>): Promise<void> {
    this.sending = true;
    this.problem = null;
    try {
      await work();
    } catch (error) {
      this.problem = codeOf(error);
    }
    this.sending = false;
  }
}
