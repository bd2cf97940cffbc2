/** The phone's worker: opens the page without a network, and changes to a new version by one press. */

export type WorkerParts = { container: ServiceWorkerContainer | undefined; prefix: string; reload: () => void; secure: boolean };

export class Installed {
  readonly #parts: WorkerParts;
  /** Opens without a network; `insecure` and `unsupported` never will. */
  state = $state<"unknown" | "ready" | "insecure" | "unsupported">("unknown");
  /** A new version waits for a press. */
  update = $state(false);
  updating = $state(false);
  #registration: ServiceWorkerRegistration | null = null;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const { container, prefix, secure } = this.#parts;
    if (!container) return void (this.state = secure ? "unsupported" : "insecure");
    try {
      const found = await container.register(`${prefix}/sw.js`, { scope: `${prefix}/patrol` });
      this.#registration = found;
      this.#watch(found);
      found.addEventListener("updatefound", () => this.#watch(found));
      void container.ready.then(() => (this.state = "ready"));
    } catch {
      // A certificate that the browser does not trust, or storage that is full: the page works with a network.
      this.state = "unsupported";
    }
  }

  /** Asks whether there is a new version. */
  async look(): Promise<void> {
    await this.#registration?.update().catch(() => undefined);
  }

  /** Lets the new version take over, and loads the page once it has: never before, or the old one would load again. */
  take(): void {
    const waiting = this.#registration?.waiting;
    if (!waiting || this.updating) return;
    this.updating = true;
    this.#parts.container?.addEventListener("controllerchange", () => this.#parts.reload(), { once: true });
    waiting.postMessage("take over");
  }

  #watch(found: ServiceWorkerRegistration): void {
    const told = (): void => void (this.update = found.waiting !== null && found.active !== null);
    told();
    found.installing?.addEventListener("statechange", told);
  }
}
