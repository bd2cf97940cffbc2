/** The HTTP calls of what is done with a plan beside drawing: publishing, proposals, files, days of the lines, networks. */

import { freshKey } from "./calls";
import { type Client } from "./client";
import type { Compared, Lines, Plan } from "./plans";
import type { components } from "./schema.gen";
import type { Force, Page } from "./types";

type Schemas = components["schemas"];

export type Transfers = Schemas["TransfersOut"];
export type Transfer = Schemas["TransferOut"];
export type Thing = Transfer["thing"];
export type Post = Schemas["PostIn"];
export type Wish = Partial<Schemas["ProposalIn"]> & Pick<Schemas["ProposalIn"], "level" | "division">;
export type Proposal = Schemas["ProposalOut"];
export type Alternative = Schemas["AlternativeOut"];
export type Summary = Schemas["SummaryOut"];
export type Bottleneck = Schemas["BottleneckOut"];
export type Imported = Schemas["ImportedOut"];

export type DaysOfLines = Schemas["DaysOfLinesOut"];
export type LineChange = Schemas["LineChange"];

export type Networks = Schemas["NetworksOut"];
export type Overlay = Schemas["OverlayOut"];
export type NetworkImported = Schemas["NetworkImportedOut"];
export const DISAGREEMENTS = ["gap", "overlap", "outside", "cut", "border", "several_grids", "grid_divided"] as const;
export type Disagreement = (typeof DISAGREEMENTS)[number];
/** A disagreement of a sector's network with the grids, and where. */
export type NetworkFinding = {
  geometry: unknown;
  properties: { sector: string; kind: Disagreement; areas: string[]; grids: string[]; area_m2: number; width_m: number | null };
};

export const FORMATS = ["gpkg", "geojson", "shp", "kml", "fgb", "pdf"] as const;
export type Format = (typeof FORMATS)[number];
export const DATUMS = ["wgs84", "gcj02", "bd09"] as const;
export type Datum = (typeof DATUMS)[number];
/** `sector`: of rows that name none; empty where the file's column says. `day`: the first; empty is today. */
export type NetworkWish = { sector: string; day: string; datum: Datum; preview: boolean };
export type ImportWish = { repair: number; datum: Datum; swapXy: boolean; preview: boolean };

export class PlanningCalls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  transfers(id: number, query: { thing?: Thing; limit?: number; cursor?: string | null } = {}): Promise<Transfers> {
    const search = new URLSearchParams({ limit: String(query.limit ?? 1) });
    if (query.thing) search.set("thing", query.thing);
    if (query.cursor) search.set("cursor", query.cursor);
    return this.#client.call("GET", `/api/plans/${id}/transfers?${search}`);
  }

  publish(id: number, version: number, body: { day: string; posts: Post[]; note: string }): Promise<Plan> {
    return this.#client.call("POST", `/api/plans/${id}/publish`, { body, ifMatch: version, key: freshKey() });
  }

  unpublish(id: number, version: number, note = ""): Promise<Plan> {
    return this.#client.call("POST", `/api/plans/${id}/unpublish`, { body: { note }, ifMatch: version, key: freshKey() });
  }

  /** Every force that is posted within a path. */
  async forces(path: string): Promise<{ items: Force[] }> {
    const items: Force[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: Page<Force> = await this.#client.call("GET", `/api/forces?limit=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      items.push(...page.items.filter(({ division_path }) => `${division_path}.`.startsWith(`${path}.`)));
      cursor = page.next ?? null;
    }
    return { items };
  }

  propose(id: number, version: number, body: Wish): Promise<{ id: string }> {
    return this.#client.call("POST", `/api/plans/${id}/proposals`, { body, ifMatch: version, key: freshKey() });
  }

  proposal(id: number, proposal: string): Promise<Proposal> {
    return this.#client.call("GET", `/api/plans/${id}/proposals/${proposal}`);
  }

  cancelProposal(id: number, proposal: string): Promise<Proposal> {
    return this.#client.call("DELETE", `/api/plans/${id}/proposals/${proposal}`);
  }

  /** The lines that a plan begins with. */
  baseLines(id: number): Promise<Lines> {
    return this.#client.call("GET", `/api/plans/${id}/lines?base=true`);
  }

  /** The days on which the lines of a division, and below, changed. */
  days(division: string): Promise<DaysOfLines> {
    return this.#client.call("GET", `/api/divisions/days?division=${division}`);
  }

  /** The lines of a division, and below, on a day. */
  linesOn(division: string, day: string): Promise<Lines> {
    return this.#client.call("GET", `/api/divisions/lines?division=${division}&day=${day}`);
  }

  /** The lines that a plan has changed, with those above. */
  touchedLines(id: number): Promise<Lines> {
    return this.#client.call("GET", `/api/plans/${id}/lines?touched=true`);
  }

  /** Figures of all divisions of a level, before and after. */
  figuresOf(id: number, level: string, months = 12): Promise<Compared> {
    return this.#client.call("GET", `/api/plans/${id}/figures?level=${level}&months=${months}`);
  }

  networks(day: string | null = null): Promise<Networks> {
    return this.#client.call("GET", `/api/networks${day ? `?day=${day}` : ""}`);
  }

  /** All networks laid on the grids of a division, by default the account's own. */
  overlay(division: string | null, day: string | null = null): Promise<Overlay> {
    return this.#client.call("GET", `/api/networks/overlay?${new URLSearchParams({ ...(division && { division }), ...(day && { day }) })}`);
  }

  exportAddress(id: number, { format, datum, levels, lang }: { format: Format; datum: Datum; levels: "finest" | "all"; lang: string }): string {
    return `/api/plans/${id}/export?${new URLSearchParams({ format, datum, levels, lang })}`;
  }

  /** Sends a file of lines. It is read for as long as it takes. Throws `ApiError`. */
  importFile(id: number, version: number, file: File, wish: ImportWish): Promise<Imported> {
    const query = new URLSearchParams({ repair: String(wish.repair), datum: wish.datum, swap_xy: String(wish.swapXy), preview: String(wish.preview) });
    return this.#client.sendFile(`/api/plans/${id}/import?${query}`, file, { "If-Match": `"${version}"`, ...(wish.preview ? {} : { "Idempotency-Key": freshKey() }) });
  }

  /** Sends a file with the network of a sector, or of several. The same file again changes nothing. Throws `ApiError`. */
  importNetwork(file: File, { sector, day, datum, preview }: NetworkWish): Promise<NetworkImported> {
    const query = new URLSearchParams({ datum, preview: String(preview), ...(sector && { sector }), ...(day && { day }) });
    return this.#client.sendFile(`/api/networks/import?${query}`, file);
  }
}
