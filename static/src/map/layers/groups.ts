/** From afar, forces are counts by division, the free and the busy ones apart: a thousand marks would be dust. */

import type { Layer } from "@deck.gl/core";
import { TextLayer } from "@deck.gl/layers";
import type { Level } from "../../wire/types";
import type { Palette } from "../palette";

export type ForceGroup = { code: string; lon: number; lat: number; free: number; busy: number };
/** A force on the map, and the path of its division: a short one where it is masked. */
export type Counted = { lon: number; lat: number; path: string; busy: boolean };
type Label = { code: string; lon: number; lat: number };

/** Up to so many forces are marks at every zoom: they cover nothing. */
const FEW = 60;
/** How much nearer than a level's first zoom the counts of its divisions go over to the next finer ones, or to marks. */
const TOWNS_FOR = 0.4;
const VILLAGES_FOR = 2.4;

/** The depth whose divisions count the forces at a zoom; null where each is a mark of its own. */
export function groupDepth(zoom: number, levels: readonly Pick<Level, "zoom">[], count: number): number | null {
  if (count <= FEW || levels.length < 2) return null;
  const villages = levels[2]?.zoom ?? null;
  if (villages === null) return zoom < (levels[1]?.zoom ?? 0) + VILLAGES_FOR ? 1 : null;
  if (zoom < villages + TOWNS_FOR) return 1;
  return zoom < villages + VILLAGES_FOR ? 2 : null;
}

/** Counts by the division at a depth. A group stands at its division's label, else in the middle of its forces. */
export function groupsOf(forces: Iterable<Counted>, depth: number, labels: readonly Label[]): ForceGroup[] {
  const byCode = new Map(labels.map((label) => [label.code, label]));
  const found = new Map<string, { group: ForceGroup; lon: number; lat: number }>();
  for (const force of forces) {
    const code = codeAt(force, depth, labels);
    const sum = found.get(code) ?? { group: { code, lon: 0, lat: 0, free: 0, busy: 0 }, lon: 0, lat: 0 };
    found.set(code, sum);
    sum.group[force.busy ? "busy" : "free"] += 1;
    sum.lon += force.lon;
    sum.lat += force.lat;
  }
  return [...found.values()].map(({ group, lon, lat }) => {
    const n = group.free + group.busy;
    const { lon: x, lat: y } = byCode.get(group.code) ?? { lon: lon / n, lat: lat / n };
    return { ...group, lon: x, lat: y };
  });
}

function codeAt(force: Counted, depth: number, labels: readonly Label[]): string {
  const codes = force.path.split(".");
  return codes[depth] ?? nearest(force, labels);
}

/** A masked force has no division, only the middle of a cell; a town's force is of none of its villages. */
function nearest({ lon, lat }: Counted, labels: readonly Label[]): string {
  const squeeze = Math.cos((lat * Math.PI) / 180);
  let best = { code: "", far: Infinity };
  for (const label of labels) {
    const far = Math.hypot((label.lon - lon) * squeeze, label.lat - lat);
    if (far < best.far) best = { code: label.code, far };
  }
  return best.code;
}

type Chip = { group: ForceGroup; busy: boolean };

/** Free ones are written in their colour, busy ones stand on theirs: told apart without colour too. */
function chipsOf(groups: readonly ForceGroup[]): Chip[] {
  return groups.flatMap((group) => [
    ...(group.free ? [{ group, busy: false }] : []),
    ...(group.busy ? [{ group, busy: true }] : []),
  ]);
}

const BELOW_NAME_PX = 19;
const APART_PX = 2;

export function groupLayer(groups: readonly ForceGroup[], { scale, palette }: { scale: number; palette: Palette }): Layer {
  const side = ({ group, busy }: Chip) => (group.free && group.busy ? (busy ? 1 : -1) : 0);
  return new TextLayer<Chip>({
    id: "force-groups",
    data: chipsOf(groups),
    getPosition: ({ group }) => [group.lon, group.lat],
    getText: ({ group, busy }) => String(busy ? group.busy : group.free),
    getTextAnchor: (chip) => (["end", "middle", "start"] as const)[side(chip) + 1] ?? "middle",
    getPixelOffset: (chip) => [side(chip) * (APART_PX + 5) * scale, BELOW_NAME_PX * scale],
    getSize: 12 * scale,
    sizeUnits: "pixels",
    getColor: ({ busy }) => (busy ? palette.chipInk : palette.free),
    background: true,
    getBackgroundColor: ({ busy }) => (busy ? palette.busy : palette.chip),
    getBorderColor: ({ busy }) => (busy ? palette.busy : palette.free),
    getBorderWidth: scale,
    backgroundBorderRadius: 4 * scale,
    backgroundPadding: [5 * scale, 1.5 * scale, 5 * scale, 1.5 * scale],
    fontFamily: '"Noto Sans SC Variable", "Noto Sans CJK SC", sans-serif',
    fontWeight: 600,
    characterSet: "0123456789",
    pickable: true,
    updateTriggers: {
      getColor: palette,
      getBackgroundColor: palette,
      getBorderColor: palette,
      getBorderWidth: scale,
      getSize: scale,
      getPixelOffset: [scale, groups],
      getTextAnchor: groups,
    },
  });
}
