/** Views of cameras for a case, and key areas, over HTTP. */

import { freshKey } from "./calls";
import type { Client } from "./client";
import type { components } from "./schema.gen";
import type { Page } from "./types";

type Schemas = components["schemas"];

export type Viewing = Schemas["ViewingOut"];
export type KeyArea = Schemas["KeyAreaOut"];
export type ViewingLink = Schemas["ViewingLinkOut"];
export type ViewingWanted = { camera: number; incident: number; reason: string; minutes: number };

export class ViewingCalls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Requests, latest first: for an incident, or all that this account oversees. */
  list(query: { incident?: number; limit?: number }): Promise<Page<Viewing>> {
    const pairs = Object.entries(query).map(([name, value]) => [name, String(value)]);
    return this.#client.call("GET", `/api/viewings?${new URLSearchParams(pairs)}`);
  }

  /** Key areas, with states of their cameras and coverage. */
  keyAreas(): Promise<{ items: KeyArea[] }> {
    return this.#client.call("GET", "/api/key-areas");
  }

  ask({ camera, ...wanted }: ViewingWanted): Promise<Viewing> {
    return this.#client.call("POST", `/api/cameras/${camera}/viewings`, { body: wanted, key: freshKey() });
  }

  decide(id: number, verdict: "approve" | "decline"): Promise<Viewing> {
    return this.#client.call("POST", `/api/viewings/${id}/${verdict}`, { key: freshKey() });
  }

  /** The link to the camera on the video platform. The server records the look, so it is never repeated by itself. */
  open(id: number): Promise<ViewingLink> {
    return this.#client.call("POST", `/api/viewings/${id}/open`);
  }
}
