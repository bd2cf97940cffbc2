/** The rows of the palette: what the screen holds already, and what the server finds beside it. */

import { age, timeOnDay } from "../../../i18n/format";
import { inBothLanguages, named, t, tCode } from "../../../i18n/index.svelte";
import type { AppState } from "../../../live/app.svelte";
import { isPlaced } from "../../../live/placed";
import type { Marked } from "../../../live/mapview.svelte";
import type { Camera, DivisionName, Force, Found, Incident } from "../../../wire/types";
import { COMMANDS, wordsOf, type Hall } from "../commands";
import type { Searchable } from "./matching";

export type RowKind = "incident" | "force" | "division" | "place" | "camera" | "command";

/** `detail`: what it is, where, since when and in which state. `key`: of a command. */
export type Row = Searchable & {
  readonly id: string;
  readonly kind: RowKind;
  readonly detail: () => string;
  readonly urgent?: boolean;
  readonly key?: string | undefined;
  readonly go: (hall: Hall) => void;
};

/** A place on the map: it is shown and marked there. */
function mark({ app, windows }: Hall, marked: Marked): void {
  app.mapView.marked = marked;
  windows.look(marked.lon, marked.lat);
}

const joined = (...parts: (string | null | undefined | false)[]) => parts.filter(Boolean).join(" · ");

type Parts = Pick<AppState, "scenes" | "names" | "divisions" | "session">;

export function incidentRow(parts: Parts, incident: Incident): Row {
  const { names, divisions, scenes } = parts;
  const category = names.category(incident.category);
  const where = isPlaced(incident) ? divisions.names(incident.division_path).slice(0, 2).join(" ") : incident.address;
  return {
    id: `incident:${incident.id}`,
    kind: "incident",
    title: incident.title || category,
    more: [incident.case_code, incident.external_no ?? "", category, where, incident.address],
    weight: incident.closed_at ? 0 : 0.6,
    detail: () => joined(category, where, timeOnDay(incident.registered_at, scenes.now), tCode("status", incident.status), incident.case_code),
    go: ({ desk, windows }) => {
      if (isPlaced(incident)) windows.look(incident.lon, incident.lat);
      void desk.open(incident.id);
    },
  };
}

export function forceRow(parts: Parts, force: Force): Row {
  const { names, divisions, scenes } = parts;
  const scene = scenes.current;
  const state = () => (scene.busy.has(force.id) ? t("force.busy") : force.duty === "on" ? t("force.free") : tCode("force", force.duty));
  const seen = () => {
    const at = scene.fleet.seenAt(force.id);
    return at === undefined ? t("force.unseen") : t("force.seen", { age: age(scenes.now - at) });
  };
  const kind = names.forceKind(force.kind);
  const where = divisions.names(force.division_path).slice(0, 1).join("");
  return {
    id: `force:${force.id}`,
    kind: "force",
    title: force.name,
    more: [force.code, kind, where],
    weight: 0.4,
    detail: () => joined(kind, where, state(), seen()),
    go: (hall) => {
      const [lon, lat] = scene.fleet.where(force.id) ?? [force.home_lon, force.home_lat];
      mark(hall, { kind: "force", id: force.id, lon, lat, label: force.name });
      hall.desk.showForce(force.id);
    },
  };
}

export function divisionRow({ divisions, session }: Parts, division: DivisionName): Row {
  const level = named(session.county?.levels.find(({ code }) => code === division.level)?.name) || division.level;
  const within = division.path.split(".").slice(1, -1).map((code) => divisions.get(code)?.name ?? "").join(" ");
  return {
    id: `division:${division.code}`,
    kind: "division",
    title: division.name,
    more: [division.code],
    weight: 0.2,
    detail: () => joined(level, within, division.code),
    go: (hall) => mark(hall, { kind: "division", id: 0, lon: division.lon, lat: division.lat, label: division.name }),
  };
}

export function cameraRow(camera: Camera): Row {
  return {
    id: `camera:${camera.id}`,
    kind: "camera",
    title: camera.name,
    more: [camera.code, camera.owner],
    weight: 0,
    detail: () => joined(camera.owner, !camera.online && t("incident.camera.offline"), camera.code),
    go: (hall) => mark(hall, { kind: "camera", id: camera.id, lon: camera.lon, lat: camera.lat, label: camera.name }),
  };
}

/** What only the server knows: places, and incidents that have left the screen. */
export function foundRow({ names, divisions, scenes }: Parts, found: Found): Row {
  const { kind, id, lon, lat, code = "", about, status } = found;
  const title = kind === "incident" ? found.label.slice(code.length).trim() || names.category(about ?? "") : found.label;
  const what = kind === "incident" ? names.category(about ?? "") : kind === "force" ? names.forceKind(about ?? "") : "";
  const where = found.division_path ? divisions.names(found.division_path).slice(0, 2).join(" ") : "";
  return {
    id: `${kind}:${kind === "division" ? code : id}`,
    kind,
    title,
    more: [code],
    weight: 0,
    detail: () => joined(what, where, found.at && kind === "incident" && timeOnDay(found.at, scenes.now), status && tCode(kind === "force" ? "force" : "status", status), code),
    go: (hall) => {
      if (kind === "incident") void hall.desk.open(id);
      if (lon === null || lat === null) return;
      if (kind === "incident") hall.windows.look(lon, lat);
      else mark(hall, { kind, id, lon, lat, label: found.label });
    },
  };
}

export function commandRows(hall: Hall): Row[] {
  return COMMANDS.filter((command) => command.offered?.(hall) !== false).map((command) => ({
    id: `command:${command.words}:${command.of ?? ""}:${command.n ?? ""}`,
    kind: "command",
    title: wordsOf(command),
    more: inBothLanguages(command.words, command.of, command.n === undefined ? {} : { n: command.n }),
    weight: 0.5,
    detail: () => "",
    key: command.key,
    go: command.run,
  }));
}
