/** What the windows of one desk have in common: the open incident, the queue's view, the map's layers and its moment. */

import type { AppState } from "../../../live/app.svelte";
import type { LayerName } from "../../../live/mapview.svelte";
import type { QueueView } from "../../../live/queueview";
import type { Desk } from "../desk.svelte";
import { Shared, type Facet } from "./shared";
import type { Windows } from "./windows.svelte";

/** A part that is written by what its own `read` returned in another window of this page. */
function part<Value>(read: () => Value, write: (value: Value) => void): Facet {
  return { read, write: (value) => write(value as Value) };
}

export function sharedBy({ app, desk, windows }: { app: AppState; desk: Desk; windows: Windows }): Shared {
  const { scenes, queue, mapView, hotspotView, pastDay, playback, theme } = app;
  return new Shared(
    { post: (message) => windows.post(message), close: () => undefined },
    {
      opened: part(() => desk.opened, (id) => desk.follow(id)),
      cursor: part(() => desk.cursor, (id) => (desk.cursor = id)),
      queue: part<QueueView>(() => queue.view, (view) => queue.set(view)),
      layers: part<Record<LayerName, boolean>>(() => ({ ...mapView.on }), (on) => (mapView.on = on)),
      marked: part(() => mapView.marked, (marked) => (mapView.marked = marked)),
      hotspots: part(() => ({ window: hotspotView.window, category: hotspotView.category }), (view) => Object.assign(hotspotView, view)),
      day: part(() => pastDay.day, (day) => (pastDay.day = day)),
      theme: part(() => theme.chosen, (chosen) => theme.choose(chosen)),
      moment: part(() => scenes.moment, (moment) => (moment === null ? playback.back() : scenes.show(moment))),
    },
  );
}
