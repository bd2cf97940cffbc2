import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WHOLE_QUEUE } from "../../../live/queueview";
import { FakeBrowser } from "../../../testing/browser";
import type { Message } from "./shared";
import { Shared } from "./shared";
import { Windows } from "./windows.svelte";

/** One window with a single shared value. */
class Desk {
  readonly browser = new FakeBrowser();
  value: unknown;
  taken = 0;
  readonly looked: unknown[] = [];
  readonly windows: Windows;
  readonly shared: Shared;

  constructor(search: string, value: unknown) {
    this.browser.search = search;
    this.value = value;
    const onMessage = (message: Message) => this.shared.receive(message);
    this.windows = new Windows({ platform: this.browser }, { onMessage, onLook: (...at) => void this.looked.push(at), view: () => WHOLE_QUEUE });
    const write = (taken: unknown) => {
      this.value = taken;
      this.taken += 1;
    };
    this.shared = new Shared({ post: (message) => this.windows.post(message), close: () => undefined }, { value: { read: () => this.value, write } });
  }

  choose(value: unknown): void {
    this.value = value;
    this.shared.offer("value");
  }
}

function beside(...desks: Desk[]): void {
  for (const desk of desks) desk.browser.others = desks.filter((one) => one !== desk).map(({ browser }) => browser);
  for (const desk of desks) desk.shared.offer("value");
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("several windows of one desk", () => {
  it("show one choice, whoever chooses", () => {
    const [hall, queue] = [new Desk("", null), new Desk("panel=queue", null)];
    beside(hall, queue);
    hall.choose(5);
    expect(queue.value).toBe(5);
    queue.choose(6);
    expect([hall.value, hall.taken, queue.taken]).toEqual([6, 1, 1]);
    hall.shared.offer("value");
    expect(queue.taken).toBe(1);
  });

  it("let a new window take over what is chosen, and never impose its own emptiness", () => {
    const [hall, map] = [new Desk("", 5), new Desk("panel=map", null)];
    beside(hall, map);
    map.shared.ask();
    expect([hall.value, map.value]).toEqual([5, 5]);
  });

  it("give a panel's place up while it is out, and back when its window closes, however it does", () => {
    const [hall, queue] = [new Desk("", null), new Desk("panel=queue", null)];
    beside(hall, queue);
    const stop = hall.windows.start();
    hall.windows.open("queue");
    expect([hall.windows.holds("queue"), hall.windows.holds("map"), hall.windows.mayOpen("queue")]).toEqual([false, true, false]);
    expect(hall.browser.windows[0]?.address).toBe("/?panel=queue");
    const leave = queue.windows.start();
    leave();
    expect(hall.windows.holds("queue")).toBe(true);
    hall.windows.open("queue");
    (hall.browser.windows[1] as { closed: boolean }).closed = true;
    vi.advanceTimersByTime(1000);
    expect(hall.windows.holds("queue")).toBe(true);
    stop();
  });

  it("are found again by a hall that is reloaded", () => {
    const queue = new Desk("panel=queue", 7);
    const hall = new Desk("", null);
    beside(hall, queue);
    hall.shared.ask();
    expect([hall.windows.holds("queue"), hall.value]).toEqual([false, 7]);
  });

  it("move the map in whichever window it is", () => {
    const [hall, map] = [new Desk("", null), new Desk("panel=map", null)];
    beside(hall, map);
    hall.windows.look(120.6, 31.1);
    expect(map.looked).toEqual([[120.6, 31.1]]);
  });

  it("hold their own panel alone, and say when the browser refuses a window", () => {
    const queue = new Desk("panel=queue", null);
    expect([queue.windows.holds("queue"), queue.windows.holds("incident"), queue.windows.mayOpen("map")]).toEqual([true, false, false]);
    const hall = new Desk("panel=nonsense", null);
    hall.browser.openWindow = () => null as never;
    hall.windows.open("map");
    expect([hall.windows.panel, hall.windows.blocked, hall.windows.holds("map")]).toEqual([null, true, true]);
  });
});
