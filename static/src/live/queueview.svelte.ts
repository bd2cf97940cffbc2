/** The queue's filters and order: kept in the address, so that a reload keeps them and a link sends them. */

import type { Platform } from "../wire/platform";
import { viewOf, WHOLE_QUEUE, withView, type QueueView } from "./queueview";

export class QueueChoice {
  readonly #address: Platform["address"];
  #view = $state.raw<QueueView>(WHOLE_QUEUE);

  constructor({ address }: Pick<Platform, "address">) {
    this.#address = address;
    this.#view = viewOf(address.params());
  }

  get view(): QueueView {
    return this.#view;
  }

  set(changed: Partial<QueueView>): void {
    this.#view = { ...this.#view, ...changed };
    this.#address.replace(withView(this.#address.params(), this.#view));
  }

  /** Lists every incident of the status again, in the order that is chosen. */
  clear(): void {
    const { status, sort } = this.#view;
    this.set({ ...WHOLE_QUEUE, status, sort });
  }
}
