/** Photos, recordings and papers over HTTP. */

import type { Client } from "./client";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Attachment = Schemas["AttachmentOut"];
export type Attachments = Schemas["AttachmentsOut"];
export type AttachmentKind = Attachment["kind"];
export type AttachmentOrigin = Attachment["origin"];

/** What is said of a file beside it; times RFC 3339 by the device's clock. */
export type AttachmentSaid = {
  id: string;
  kind: AttachmentKind;
  origin: AttachmentOrigin;
  task?: number;
  incident?: number;
  lon?: number;
  lat?: number;
  accuracy_m?: number;
  place_age_s?: number;
  taken_at?: string;
  device_at?: string;
};

/** A poor line takes so long for a photo; then it is tried again. */
const SEND_WITHIN_MS = 90_000;

export class AttachmentCalls {
  readonly #client: Client;
  readonly #prefix: string;

  constructor(client: Client, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  of(incident: number): Promise<Attachments> {
    return this.#client.call("GET", `/api/incidents/${incident}/attachments`);
  }

  /** Sends one. The same id and file act once. Throws `ApiError`, also where what answered was not the server. */
  add(said: AttachmentSaid, file: Blob): Promise<Attachment> {
    const form = new FormData();
    for (const [name, value] of Object.entries(said)) form.set(name, String(value));
    form.set("file", file);
    return this.#client.sendForm("/api/attachments", form, AbortSignal.timeout(SEND_WITHIN_MS));
  }

  /** The address of its bytes, for elements of the page. */
  address(id: string, size: "full" | "thumbnail" = "full"): string {
    return `${this.#prefix}/api/attachments/${id}${size === "full" ? "" : "?size=thumbnail"}`;
  }
}

/** A UUID version 7: in the order of time, and of this device's own chance. */
export function freshId(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 256 ** (5 - i)) % 256;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
