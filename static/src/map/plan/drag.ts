/** A drag of a corner or an edge: from a press on one until the button goes up, or until it is cancelled.
 *
 * While it lasts the map does not move by the mouse. Places are taken from the map anew for each frame, so that a zoom by
 * the wheel displaces nothing.
 */

import type { Map as MapLibre } from "maplibre-gl";
import type { Position } from "../../wire/plans";

export type DragParts = {
  /** Whether a press at this place takes hold of something. */
  onGrab: (place: Position) => boolean;
  /** Called at most once a frame. */
  onMove: (place: Position) => void;
  /** `moved`: whether the pointer went far enough to mean a drag. */
  onDrop: (place: Position, moved: boolean) => void;
  onHover: (place: Position) => void;
};

const STILL_PX = 3;

export class Drag {
  readonly #map: MapLibre;
  readonly #parts: DragParts;
  readonly #canvas: HTMLElement;
  #held: { pointer: number; from: readonly [number, number]; moved: boolean } | null = null;
  #at: readonly [number, number] = [0, 0];
  #frame = 0;

  constructor(map: MapLibre, parts: DragParts) {
    this.#map = map;
    this.#parts = parts;
    this.#canvas = map.getCanvas();
    this.#canvas.addEventListener("pointerdown", this.#down);
    this.#canvas.addEventListener("pointermove", this.#move);
    this.#canvas.addEventListener("pointerup", this.#up);
    this.#canvas.addEventListener("pointercancel", this.#lost);
    map.on("move", this.#again);
  }

  get active(): boolean {
    return this.#held !== null;
  }

  /** Ends the drag without a drop. */
  cancel(): void {
    this.#release();
  }

  stop(): void {
    this.#release();
    this.#canvas.removeEventListener("pointerdown", this.#down);
    this.#canvas.removeEventListener("pointermove", this.#move);
    this.#canvas.removeEventListener("pointerup", this.#up);
    this.#canvas.removeEventListener("pointercancel", this.#lost);
    this.#map.off("move", this.#again);
  }

  readonly #down = (event: PointerEvent): void => {
    if (event.button !== 0 || !event.isPrimary || this.#held) return;
    this.#at = this.#pixelOf(event);
    if (!this.#parts.onGrab(this.#place())) return;
    this.#map.dragPan.disable();
    this.#held = { pointer: event.pointerId, from: this.#at, moved: false };
    this.#capture(event.pointerId);
  };

  readonly #move = (event: PointerEvent): void => {
    if (this.#held && event.pointerId !== this.#held.pointer) return;
    this.#at = this.#pixelOf(event);
    if (this.#held) this.#held.moved ||= Math.hypot(this.#at[0] - this.#held.from[0], this.#at[1] - this.#held.from[1]) > STILL_PX;
    this.#again();
  };

  readonly #up = (event: PointerEvent): void => {
    if (event.pointerId !== this.#held?.pointer) return;
    const { moved } = this.#held;
    this.#at = this.#pixelOf(event);
    const place = this.#place();
    this.#release();
    this.#parts.onDrop(place, moved);
  };

  readonly #lost = (event: PointerEvent): void => {
    if (event.pointerId === this.#held?.pointer) this.#parts.onDrop(this.#place(), false);
    this.#release();
  };

  /** Tells of the place under the pointer in the next frame. */
  readonly #again = (): void => {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (!this.#held) this.#parts.onHover(this.#place());
      else if (this.#held.moved) this.#parts.onMove(this.#place());
    });
  };

  #release(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (!this.#held) return;
    this.#held = null;
    this.#map.dragPan.enable();
  }

  #capture(pointer: number): void {
    try {
      this.#canvas.setPointerCapture(pointer);
    } catch {
      // The pointer has gone already, or is one that a keyboard plays.
    }
  }

  #pixelOf(event: PointerEvent): readonly [number, number] {
    const { left, top } = this.#canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  #place(): Position {
    const { lng, lat } = this.#map.unproject([this.#at[0], this.#at[1]]);
    return [lng, lat];
  }
}
