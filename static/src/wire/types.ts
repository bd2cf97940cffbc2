/** Types of HTTP bodies and socket frames, by the names that the screens use. Bodies come from the OpenAPI document. */

import type { components, paths } from "./schema.gen";

export type Schemas = components["schemas"];

export type Names = Schemas["NamesOut"];
export type ForceCard = Schemas["ForceCardOut"];
export type PhoneState = Schemas["PhoneOut"];
/** Where a force has been today, column by column. */
export type Trail = Schemas["TrailOut"];
export type Incident = Schemas["IncidentOut"];
export type NewIncident = Schemas["IncidentIn"];
export type Edits = Schemas["EditIn"];
export type Correction = Schemas["CorrectionIn"];
export type Force = Schemas["ForceOut"];
export type Duty = Force["duty"];
export type Presence = Schemas["PresenceOut"];
export type PresenceIn = Schemas["PresenceIn"];
export type Task = Schemas["TaskOut"];
/** An SOS of a force, open until it is acknowledged. */
export type Sos = Schemas["AlarmOut"];
/** Roads that are closed for a while. */
export type Closure = Schemas["ClosureOut"];
export type NewClosure = Schemas["ClosureIn"];
/** Where a case stands and who has it. */
export type Case = Schemas["CaseBody"];
/** A case with its clocks, and what this person can do now. */
export type CaseDetails = Schemas["CaseOut"];
export type CaseItem = Schemas["CaseItemOut"];
/** The place's case flow: stages, moves, forms and words. */
export type CaseFlow = Schemas["FlowOut"];
export type TaskStatus = Task["status"];
export type Role = Task["role"];
export type OwnTask = Schemas["OwnTaskOut"];
export type Companion = Schemas["CompanionOut"];
export type TimelineEntry = Schemas["TimelineEntryOut"];
export type Candidate = Schemas["CandidateOut"];
/** A way by road with its line. */
export type WayByRoad = Schemas["WayOut"];
export type Excluded = Schemas["ExcludedOut"];
export type Candidates = Schemas["CandidatesOut"];
/** Forces proposed for many incidents at once. */
export type DispatchProposal = Schemas["DispatchProposalOut"];
export type ProposedTask = Schemas["AssignmentOut"];
export type Reason = Schemas["Reason"];
export type Camera = Schemas["CameraOut"];
export type NearCamera = Schemas["NearCameraOut"];
export type DivisionName = Schemas["DivisionOut"];
export type Found = Schemas["FoundOut"];
/** What those on duty reach in time. */
export type Reach = Schemas["ReachOut"];
export type Shift = Schemas["ShiftOut"];
export type Handover = Schemas["HandoverOut"];
export type HandoverItem = Schemas["HandoverItemOut"];
export type ShiftEntry = Schemas["ShiftEntryOut"];
export type Strip = Schemas["StripOut"];
/** The day's figures of a wall. */
export type WallFigures = Schemas["WallOut"];
export type DutyLeader = Schemas["DutyLeaderOut"];
export type Me = Schemas["MeOut"];
export type County = Schemas["CountyOut"];
export type Health = Schemas["HealthOut"];
export type Level = Schemas["LevelOut"];

/** Latest fixes, column by column. Times are epoch milliseconds. */
export type Fixes = Schemas["FixesOut"];
export type HotCell = Schemas["HotCellOut"];
export type HotClass = HotCell["class"];
export type HotspotAccuracy = Schemas["AccuracyOut"];
export type Hotspots = Schemas["HotspotsOut"];

export type Snapshot = Schemas["SnapshotOut"];

export type Page<Item> = Omit<Schemas["Page_IncidentOut_"], "items"> & { items: Item[] };

export type TaskStep = paths["/api/tasks/{task_id}/{step}"]["post"]["parameters"]["path"]["step"];

/** A change of one entity; `gone` where it has left what this client may see. */
export type FeedEvent = Schemas["LiveEvent"];

/** The frames of the socket, told apart by `t`. */
export type Frame = Schemas["LiveFrame"];
export type EventsFrame = Schemas["EventsFrame"];
export type FixesFrame = Schemas["FixesFrame"];
export type HexesFrame = Schemas["HexesFrame"];
export type TroubleFrame = Schemas["TroubleFrame"];
export type Trouble = Schemas["TroubleOut"];

/** What a client says on the socket: which hotspots it looks at. */
export type Watch = Schemas["LiveMessage"];
