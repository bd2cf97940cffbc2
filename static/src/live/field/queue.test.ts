import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NOW, task } from "../../testing/bodies";
import type { CommandAnswer, CommandLine } from "../../wire/commands";
import { freshId, pauseAfter, projected, type Entry } from "./entries";
import { CommandQueue } from "./queue.svelte";
import { problemAt, StoreProblem, type FieldStore, type StoreFault } from "./store";

/** A phone's disk: it outlives the page, and may be full. */
class Disk implements FieldStore {
  readonly entries = new Map<string, Entry>();
  readonly seqs = new Map<number, number>();
  full: StoreFault | null = null;

  add = (author: number, make: (device: string, seq: number) => Entry): Promise<Entry> => {
    if (this.full) return Promise.reject(new StoreProblem(this.full));
    const seq = (this.seqs.get(author) ?? 0) + 1;
    this.seqs.set(author, seq);
    const entry = make(`device-${author}`, seq);
    this.entries.set(entry.id, entry);
    return Promise.resolve(entry);
  };
  all = () => Promise.resolve([...this.entries.values()]);
  settle = (changed: readonly Entry[], removed: readonly string[]) => {
    for (const entry of changed) this.entries.set(entry.id, entry);
    for (const id of removed) this.entries.delete(id);
    return Promise.resolve();
  };
  device = (author: number) => Promise.resolve(this.seqs.has(author) ? `device-${author}` : null);
  keep = () => Promise.resolve();
  read = () => Promise.resolve(undefined);
  forget = () => Promise.resolve();
}

type Reply = (lines: CommandLine[]) => Response;

const applied = (lines: CommandLine[]): Response => replyWith(lines.map((line) => ({ id: line.id, status: "applied", version: 2 }) as CommandAnswer));
const replyWith = (items: CommandAnswer[]): Response => new Response(JSON.stringify({ items, now: new Date(NOW).toISOString(), ahead_s: 0 }));
const away: Reply = () => {
  throw new TypeError("no network");
};

let disk: Disk;
let reply: Reply;
let sent: CommandLine[][];

function phone(): CommandQueue {
  const fetch = (_: unknown, init?: RequestInit): Promise<Response> => {
    const body = typeof init?.body === "string" ? init.body : "";
    const lines = body ? body.split("\n").map((line) => JSON.parse(line) as CommandLine) : [];
    sent.push(lines);
    return new Promise((resolve) => resolve(reply(lines)));
  };
  return new CommandQueue({ fetch, open: () => Promise.resolve(disk), random: () => 0 });
}

const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  disk = new Disk();
  reply = applied;
  sent = [];
});
afterEach(() => void vi.useRealTimers());

describe("the phone's queue", () => {
  it("keeps what is pressed without a network, and sends it in order when there is one", async () => {
    reply = away;
    let queue = phone();
    await queue.start(17);
    for (const step of ["accept", "depart", "arrive"] as const) await queue.give(step, { task: 5 });
    await settled();
    expect([queue.unsent.length, disk.entries.size]).toEqual([3, 3]);
    queue.stop();
    reply = applied;
    queue = phone();
    await queue.start(17);
    expect(sent.at(-1)?.map((line) => [line.device_seq, line.command, line.author])).toEqual([[1, "accept", 17], [2, "depart", 17], [3, "arrive", 17]]);
    expect([queue.unsent, disk.entries.size, queue.heardAt]).toEqual([[], 0, NOW]);
  });

  it("tries again by itself, later each time", async () => {
    reply = away;
    const queue = phone();
    await queue.start(17);
    await queue.give("accept", { task: 5 });
    await settled();
    const before = sent.length;
    reply = applied;
    await vi.advanceTimersByTimeAsync(60_000);
    expect([sent.length > before, queue.unsent]).toEqual([true, []]);
    expect([pauseAfter(1, () => 0), pauseAfter(3, () => 0), pauseAfter(99, () => 1)]).toEqual([1000, 4000, 60_000]);
  });

  it("removes nothing for an answer that does not name it", async () => {
    for (const page of [() => new Response("<html>welcome to our network</html>"), () => replyWith([]), () => new Response("", { status: 503 })]) {
      reply = page;
      const queue = phone();
      await queue.start(17);
      await queue.give("accept", { task: 5 });
      await settled();
      expect(queue.unsent.length).toBeGreaterThan(0);
      queue.stop();
    }
    expect(disk.entries.size).toBe(3);
  });

  it("holds everything when the session has ended, and goes on after a sign-in", async () => {
    reply = () => new Response(JSON.stringify({ code: "session.missing" }), { status: 401 });
    const queue = phone();
    await queue.start(17);
    await queue.give("accept", { task: 5 });
    await settled();
    expect([queue.held, queue.unsent.length]).toEqual([true, 1]);
    reply = applied;
    await queue.start(17);
    expect([queue.held, queue.unsent.length]).toEqual([false, 0]);
  });

  it("sends nothing of another account, and says how much there is", async () => {
    reply = away;
    const first = phone();
    await first.start(17);
    await first.give("accept", { task: 5 });
    await settled();
    first.stop();
    reply = applied;
    sent = [];
    const second = phone();
    await second.start(18);
    await settled();
    expect([second.others, second.unsent, sent.flat()]).toEqual([1, [], []]);
    const again = phone();
    await again.start(17);
    expect(sent.flat().map((line) => line.author)).toEqual([17]);
  });

  it("puts what was refused before a person, and goes on with the rest", async () => {
    reply = (lines) =>
      replyWith(lines.map((line) => ({ id: line.id, status: line.command === "decline" ? "refused" : "applied", code: "task.transition", params: { from: "arrived" } }) as unknown as CommandAnswer));
    const queue = phone();
    await queue.start(17);
    await queue.give("decline", { task: 5 });
    await queue.give("note", { task: 5, note: "x" });
    await settled();
    expect([queue.reviews.map((entry) => entry.code), queue.unsent, disk.entries.size]).toEqual([["task.transition"], [], 1]);
    reply = away;
    await queue.dismiss(queue.reviews[0]?.id ?? "");
    expect([queue.reviews, [...disk.entries.values()].map(({ state }) => state)]).toEqual([[], ["dismissed"]]);
    reply = applied;
    await queue.wake();
    expect([disk.entries.size, queue.entries.length]).toEqual([0, 0]);
  });

  it("shows a step that was given while it read what other windows kept, once", async () => {
    const queue = phone();
    await queue.start(17);
    for (const first of ["read", "given"] as const) {
      reply = away;
      const { all, add } = disk;
      let answer = (): void => undefined;
      const held = new Promise<void>((done) => (answer = done));
      if (first === "read") disk.all = () => Promise.resolve([...disk.entries.values()]).then((found) => held.then(() => found));
      else disk.add = (...said) => add(...said).then((entry) => held.then(() => entry));
      const both = [queue.wake(), queue.give("note", { task: 5, note: first })];
      await settled();
      answer();
      [disk.all, disk.add] = [all, add];
      await Promise.all(both);
      expect(queue.unsent.map(({ line }) => line.note)).toEqual([first]);
      reply = applied;
      await vi.advanceTimersByTimeAsync(60_000);
    }
  });

  it("says that the storage is full, and loses nothing that was kept", async () => {
    reply = away;
    const queue = phone();
    await queue.start(17);
    await queue.give("accept", { task: 5 });
    disk.full = "full.commit";
    await expect(queue.give("depart", { task: 5 })).rejects.toThrow(StoreProblem);
    expect([queue.problem?.fault, queue.unsent.length]).toEqual(["full.commit", 1]);
    const faults = (["open", "put", "commit"] as const).map((where) => problemAt(where, new DOMException("", "QuotaExceededError")).fault);
    expect(faults).toEqual(["full.open", "full", "full.commit"]);
    expect(problemAt("open", new DOMException("", "VersionError")).fault).toBe("newer");
  });
});

describe("a task on the phone", () => {
  const given = (command: CommandLine["command"], version?: number) => ({ line: { command, task: 5 } as CommandLine, ...(version ? { version } : {}) });

  it("stands after the steps that are kept, until the server tells the same", () => {
    expect(projected(task(5), [given("accept"), given("depart")]).status).toBe("departed");
    expect(projected(task(5, { version: 3 }), [given("accept", 2)]).status).toBe("assigned");
    expect(projected(task(5), [given("accept"), given("finish")]).active).toBe(false);
  });

  it("has ids in order of time", () => {
    const [a, b] = [freshId(NOW), freshId(NOW + 1)];
    expect(a).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(a < b).toBe(true);
  });
});
