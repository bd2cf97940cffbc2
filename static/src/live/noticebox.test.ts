import { describe, expect, it, vi } from "vitest";
import type { Notice } from "../wire/board";
import { ApiError } from "../wire/client";
import { byWant, NoticeBox } from "./noticebox.svelte";

const notice = (id: number, more: Partial<Notice> = {}): Notice => ({ id, kind: "clock.warn", urgent: false, read_at: null, answer_due_at: null, answered_at: null, ...more }) as Notice;
const READ = { read_at: "2026-03-02T08:00:00Z" };
const ASKS = { answer_due_at: "2026-03-02T18:00:00Z" };

it("notices that ask for an answer come first, then those that are not read, the latest before", () => {
  const all = [notice(1), notice(2, READ), notice(3, { ...READ, ...ASKS }), notice(4)];
  expect(byWant(all).map(({ id }) => id)).toEqual([3, 4, 1, 2]);
});

describe("the box of notices", () => {
  const box = async (calls: object = {}) => {
    const made = new NoticeBox({ notices: () => Promise.resolve({ items: [notice(1, ASKS), notice(2), notice(3, READ)] }), read: vi.fn((id: number) => Promise.resolve(notice(id, READ))), answer: vi.fn((id: number) => Promise.resolve(notice(id, { ...READ, ...ASKS, answered_at: READ.read_at }))), ...calls });
    await made.refresh();
    return made;
  };

  it("counts what is not read or not answered", async () => {
    const made = await box();
    expect(made.waiting).toBe(2);
    await made.read(2);
    await made.read(1);
    expect(made.waiting).toBe(0);
  });

  it("takes an answer once, and keeps the rows where they are", async () => {
    const made = await box();
    const order = made.items?.map(({ id }) => id);
    expect([await made.answer(1, "  "), await made.answer(1, "On the way")]).toEqual([false, true]);
    expect([made.waiting, made.items?.map(({ id }) => id)]).toEqual([1, order]);
  });

  it("says why an answer was refused", async () => {
    const made = await box({ answer: () => Promise.reject(new ApiError(409, "notice.answered")) });
    expect([await made.answer(1, "On the way"), made.problem, made.sending]).toEqual([false, "notice.answered", null]);
  });
});
