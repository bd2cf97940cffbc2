/** The state of one page: made once in `main.ts` and handed down by Svelte's context. */

import { AccountCalls } from "../wire/accounts";
import { AttachmentCalls } from "../wire/attachments";
import { getContext } from "svelte";
import { BoardCalls } from "../wire/board";
import { ChangeCalls } from "../wire/changes";
import { IndicatorCalls } from "../wire/indicators";
import { ReviewCalls } from "../wire/reviews";
import { ViewingCalls } from "../wire/viewing";
import { Calls } from "../wire/calls";
import { CaseCalls } from "../wire/cases";
import { Client } from "../wire/client";
import { DeskCalls } from "../wire/desk";
import { ListCalls } from "../wire/lists";
import { PushCalls } from "../wire/push";
import { RegistryCalls } from "../wire/registry";
import { RosterCalls } from "../wire/rosters";
import { RoundCalls } from "../wire/rounds";
import { PlanningCalls } from "../wire/planning";
import { PlanCalls } from "../wire/plans";
import type { Platform } from "../wire/platform";
import { Alerts } from "./alerts.svelte";
import { Attention } from "./attention.svelte";
import { Clock } from "./clock.svelte";
import { Divisions } from "./divisions.svelte";
import { fieldOf, memoryOf } from "./field/memory";
import type { CommandQueue } from "./field/queue.svelte";
import { FlowWords } from "./flowwords.svelte";
import { HotspotCell } from "./hotspotcell.svelte";
import { HotspotView } from "./hotspotview.svelte";
import { ReachState } from "./reach.svelte";
import { Link } from "./link.svelte";
import { MapView } from "./mapview.svelte";
import { Names } from "./names";
import { KeyAreas } from "./keyareas.svelte";
import { Reviews } from "./reviews.svelte";
import { PastDay } from "./pastday.svelte";
import { Pending } from "./pending.svelte";
import { Posts } from "./posts.svelte";
import { Playback } from "./playback.svelte";
import { QueueChoice } from "./queueview.svelte";
import { Scale } from "./scale.svelte";
import { Scenes } from "./scenes.svelte";
import { Session } from "./session.svelte";
import { Theme } from "../styles/theme.svelte";
import { Shift } from "./shift.svelte";
import { Underlay } from "./underlay.svelte";
import { Units } from "./units.svelte";

export class AppState {
  readonly platform: Platform;
  readonly calls: Calls;
  readonly plans: PlanCalls;
  readonly cases: CaseCalls;
  readonly desk: DeskCalls;
  readonly board: BoardCalls;
  readonly indicators: IndicatorCalls;
  readonly viewing: ViewingCalls;
  readonly keyAreas: KeyAreas;
  readonly reviews: Reviews;
  readonly lists: ListCalls;
  readonly registry: RegistryCalls;
  readonly accounts: AccountCalls;
  readonly rosters: RosterCalls;
  readonly changes: ChangeCalls;
  readonly rounds: RoundCalls;
  readonly push: PushCalls;
  readonly attachments: AttachmentCalls;
  readonly flow: FlowWords;
  readonly units: Units;
  readonly posts: Posts;
  readonly planning: PlanningCalls;
  readonly clock = new Clock();
  readonly divisions: Divisions;
  /** What a patrol's phone keeps until it is sent. */
  readonly field: CommandQueue;
  readonly session: Session;
  readonly names: Names;
  readonly scenes: Scenes;
  readonly playback: Playback;
  readonly link = new Link(this.clock);
  readonly pending = new Pending();
  readonly alerts: Alerts;
  readonly hotspotView: HotspotView;
  readonly pastDay: PastDay;
  readonly hotspotCell: HotspotCell;
  readonly reach: ReachState;
  readonly mapView = new MapView();
  readonly underlay: Underlay;
  readonly scale: Scale;
  readonly queue: QueueChoice;
  readonly theme: Theme;
  readonly attention: Attention;
  readonly shift: Shift;
  /** What the tab's title begins with; empty outside the hall. */
  badge = $state("");

  constructor(platform: Platform) {
    const client = new Client(platform);
    this.platform = platform;
    this.calls = new Calls(client);
    this.plans = new PlanCalls(client);
    this.cases = new CaseCalls(client);
    this.desk = new DeskCalls(client);
    this.board = new BoardCalls(client);
    this.indicators = new IndicatorCalls(client, platform.location.prefix);
    this.viewing = new ViewingCalls(client);
    this.keyAreas = new KeyAreas(this.viewing);
    this.reviews = new Reviews(new ReviewCalls(client));
    this.lists = new ListCalls(client);
    this.accounts = new AccountCalls(client);
    this.registry = new RegistryCalls(client);
    this.rosters = new RosterCalls(client);
    this.changes = new ChangeCalls(client);
    this.rounds = new RoundCalls(client);
    this.push = new PushCalls(client);
    this.attachments = new AttachmentCalls(client, platform.location.prefix);
    this.flow = new FlowWords(this.cases);
    this.posts = new Posts(this.cases);
    this.planning = new PlanningCalls(client);
    this.divisions = new Divisions(this.calls);
    this.field = fieldOf(platform);
    const memory = memoryOf(this.field, platform);
    this.session = new Session({ client, calls: this.calls, divisions: this.divisions, memory, location: platform.location });
    this.underlay = new Underlay(this);
    this.names = new Names(this.session);
    this.units = new Units(this);
    this.scenes = new Scenes(this);
    this.playback = new Playback(this);
    this.alerts = new Alerts(this);
    this.hotspotView = new HotspotView(this.session);
    this.pastDay = new PastDay(this);
    this.hotspotCell = new HotspotCell(this);
    this.reach = new ReachState(this);
    this.scale = new Scale(platform);
    this.queue = new QueueChoice(platform);
    this.theme = new Theme(platform);
    this.attention = new Attention(platform);
    this.shift = new Shift(this);
  }
}

const KEY = "app";

/** The context to mount the page with. */
export function contextOf(app: AppState): Map<string, AppState> {
  return new Map([[KEY, app]]);
}

/** The page's state, in a component that is being made. */
export function useApp(): AppState {
  return getContext<AppState>(KEY);
}
