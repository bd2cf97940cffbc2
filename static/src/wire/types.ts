/** Types of HTTP bodies and socket frames, by the names that the screens use. Bodies come from the OpenAPI document. */

import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Names = Schemas["NamesOut"];
export type Incident = Schemas["IncidentOut"];
export type Force = Schemas["ForceOut"];
export type Duty = Force["duty"];
export type Task = Omit<Schemas["TaskOut"], "status"> & { status: TaskStatus };
export type TaskStatus = "assigned" | "accepted" | "departed" | "arrived" | "finished" | "declined" | "recalled";
export type OwnTask = Task & { matter: Incident };
export type TimelineEntry = Schemas["TimelineEntryOut"];
export type Candidate = Schemas["CandidateOut"];
export type Excluded = Schemas["ExcludedOut"];
export type Candidates = Schemas["CandidatesOut"];
export type Reason = Schemas["Reason"];
export type Camera = Schemas["CameraOut"];
export type NearCamera = Schemas["NearCameraOut"];
export type DivisionName = Schemas["DivisionOut"];
export type Found = Schemas["FoundOut"];
export type Strip = Schemas["StripOut"];
export type Me = Schemas["MeOut"];
export type County = Schemas["CountyOut"];
export type Level = Schemas["LevelOut"];

/** Latest fixes, column by column. Times are epoch milliseconds. */
export type Fixes = Schemas["FixesOut"];
export type HotCell = Schemas["HotCellOut"];
export type HotClass = HotCell["class"];
export type Hotspots = Schemas["HotspotsOut"];

export type Snapshot = Omit<Schemas["SnapshotOut"], "tasks"> & { tasks: Task[] };

export type Page<Item> = { items: Item[]; next?: string | null };

export type TaskStep = "accept" | "decline" | "depart" | "arrive" | "finish" | "recall";

// Frames of the socket, written by hand after the server's.

/** A change of one entity. `gone`: it has left this client's sight. `kind` may be one that is unknown here. */
export type FeedEvent = { pos: number; at: string; kind: string; id: number; version: number } & (
  | { gone?: false; body: { id: number; version: number } }
  | { gone: true; body: null }
);

export type HelloFrame = { t: "hello"; epoch: string; pos: number; now: string };
export type EventsFrame = { t: "events"; from: number; to: number; items: FeedEvent[] };
export type FixesFrame = { t: "fixes" } & Fixes;
export type HexesFrame = { t: "hexes"; gone: string[]; full: boolean } & Hotspots;
export type ResyncFrame = { t: "resync"; reason: string };
export type BeatFrame = { t: "beat"; pos: number; now: string };
export type Trouble = Schemas["TroubleOut"];
export type TroubleFrame = { t: "trouble"; items: Trouble[] };
export type Frame = HelloFrame | EventsFrame | FixesFrame | HexesFrame | ResyncFrame | BeatFrame | TroubleFrame;

/** Subscribes to a hotspot view. */
export type Watch = { t: "watch"; res: number; window: string; category: string | null };
