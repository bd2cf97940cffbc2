import { flushSync } from "svelte";
import { describe, expect, it, vi } from "vitest";
import type { Attachment, AttachmentSaid } from "../wire/attachments";
import { ApiError } from "../wire/client";
import { NotKept, type EvidenceShelf, type Kept } from "../wire/evidencestore";
import { Evidence, type Taken } from "./evidence.svelte";

class Shelf implements EvidenceShelf {
  readonly items = new Map<string, Kept>();
  readonly contents = new Map<string, ArrayBuffer>();
  broken: NotKept | null = null;

  list = () => (this.broken ? Promise.reject(this.broken) : Promise.resolve([...this.items.values()]));
  bytes = (id: string) => Promise.resolve(this.contents.get(id) ?? null);

  keep(item: Kept, bytes: ArrayBuffer): Promise<void> {
    if (this.broken) return Promise.reject(this.broken);
    this.items.set(item.id, item);
    this.contents.set(item.id, bytes);
    return Promise.resolve();
  }

  mark(item: Kept, { dropBytes = false } = {}): Promise<void> {
    this.items.set(item.id, item);
    if (dropBytes) this.contents.delete(item.id);
    return Promise.resolve();
  }

  remove(id: string): Promise<void> {
    this.items.delete(id);
    this.contents.delete(id);
    return Promise.resolve();
  }
}

type Answer = (said: AttachmentSaid) => Promise<Partial<Attachment>>;
const named: Answer = ({ id }) => Promise.resolve({ id });
const photo: Taken = { kind: "photo", origin: "camera", type: "image/jpeg", takenAt: 1e12, place: { lon: 120, lat: 31, accuracy_m: 9, place_age_s: 2 }, preview: "", seconds: null };
const bytes = new Uint8Array([1, 2, 3]).buffer;

function phone(shelf: Shelf, answers: Answer[], me = 7) {
  const said: AttachmentSaid[] = [];
  const add = (one: AttachmentSaid) => {
    said.push(one);
    return (answers.shift() ?? named)(one) as Promise<Attachment>;
  };
  // A wait ends at once while answers are prepared, and never afterwards.
  const wait = (): Promise<void> => (answers.length ? Promise.resolve() : new Promise(() => undefined));
  const evidence = new Evidence({ attachments: { add }, session: { me: { id: me } }, shelf, room: () => Promise.resolve(5e9), wait, now: () => 1e12 });
  return { evidence, said };
}

const refusing = (status: number, code: string): Answer => () => Promise.reject(new ApiError(status, code));

describe("what a phone has taken", () => {
  it("is sent until the server names it: nothing else ends it", async () => {
    const shelf = new Shelf();
    const portal: Answer = () => Promise.resolve({});
    const { evidence, said } = phone(shelf, [refusing(0, "unreachable"), refusing(401, "session.missing"), refusing(503, "attachment.store_away"), portal, named]);
    expect(await evidence.keep(3, photo, bytes, 0)).toBe(true);
    await vi.waitFor(() => expect(evidence.items[0]?.state).toBe("sent"));
    expect(new Set(said.map((one) => one.id)).size).toBe(1);
    expect(said).toHaveLength(5);
    expect([shelf.contents.size, shelf.items.size]).toEqual([0, 1]);
    expect(evidence.idsOf(3)).toEqual([said[0]?.id]);
  });

  it("waits behind no other that is refused, and stays here until it is deleted", async () => {
    const shelf = new Shelf();
    const { evidence } = phone(shelf, [refusing(422, "attachment.unreadable"), named]);
    await evidence.keep(3, photo, bytes, 0);
    await evidence.keep(3, photo, bytes, 0);
    await vi.waitFor(() => expect(evidence.items.map((one) => one.state)).toEqual(["refused", "sent"]));
    flushSync();
    expect([evidence.waiting, evidence.refused, shelf.contents.size]).toEqual([0, 1, 1]);
    await evidence.remove(evidence.items[0]?.id ?? "");
    expect(shelf.items.size).toBe(1);
  });

  it("is sent in its author's session alone", async () => {
    const shelf = new Shelf();
    await phone(shelf, [refusing(0, "unreachable")]).evidence.keep(3, photo, bytes, 0);
    const other = phone(shelf, [], 8);
    await other.evidence.start();
    expect([other.evidence.items.length, other.evidence.ofOthers, other.said.length]).toEqual([0, 1, 0]);
    const author = phone(shelf, []);
    await author.evidence.start();
    await vi.waitFor(() => expect(author.evidence.items[0]?.state).toBe("sent"));
  });

  it("is refused in words where there is no room, and an unreadable store is no empty one", async () => {
    const shelf = new Shelf();
    shelf.broken = new NotKept("full");
    const { evidence } = phone(shelf, []);
    expect(await evidence.keep(3, photo, bytes, 0)).toBe(false);
    expect(evidence.problem).toBe("full");
    const { evidence: opened } = phone(shelf, []);
    await opened.start();
    expect(opened.problem).toBe("full");
  });

  it("claims neither place nor time where it is from the gallery", async () => {
    const { evidence, said } = phone(new Shelf(), []);
    await evidence.keep(3, { ...photo, origin: "gallery" }, bytes, 0);
    await vi.waitFor(() => expect(said).toHaveLength(1));
    expect(Object.keys(said[0] ?? {})).toEqual(["id", "kind", "origin", "task", "device_at"]);
  });
});
