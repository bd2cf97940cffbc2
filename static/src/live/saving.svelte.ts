/** A file on its way from the server to the browser: being made, saved or shown, or refused. */

import { ApiError } from "../wire/client";
import { fetchFile, type ServerFile } from "../wire/files";
import type { Platform } from "../wire/platform";
import type { Session } from "./session.svelte";

export type SavingParts = { platform: Pick<Platform, "fetch" | "files">; session: Pick<Session, "check"> };

export class Saving {
  readonly #parts: SavingParts;
  /** The address of the file that is being made. */
  path = $state<string | null>(null);
  /** Error code of the last file that was refused. */
  problem = $state<string | null>(null);

  constructor(parts: SavingParts) {
    this.#parts = parts;
  }

  get busy(): boolean {
    return this.path !== null;
  }

  /** Saves a file with the downloads. */
  save(path: string): Promise<void> {
    return this.#take(path, this.#parts.platform.files.save);
  }

  /** Shows a file in a window of its own, or saves it where the browser opens none. */
  show(path: string): Promise<void> {
    const { files } = this.#parts.platform;
    return this.#take(path, (file) => {
      if (!files.show(file)) files.save(file);
    });
  }

  async #take(path: string, hand: (file: ServerFile) => void): Promise<void> {
    if (this.busy) return;
    this.path = path;
    this.problem = null;
    try {
      hand(await fetchFile(this.#parts.platform, path));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "session.missing") void this.#parts.session.check();
      this.problem = error.code;
    } finally {
      this.path = null;
    }
  }
}
