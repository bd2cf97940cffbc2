import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../../../wire/client";
import type { Viewing } from "../../../wire/viewing";
import { durations, standingAt, Viewings } from "./viewings.svelte";

const granted = { id: 3, camera: 7, own: true, standing: "granted", expires_at: "2026-03-02T02:30:00Z" } as Viewing;

function desk(standing: Viewing["standing"] = "granted") {
  const viewing = {
    list: vi.fn(() => Promise.resolve({ items: [granted], next: null })),
    ask: vi.fn(() => Promise.resolve({ ...granted, standing })),
    open: vi.fn(() => Promise.resolve({ url: "https://video.example.cn/7", expires_at: granted.expires_at as string })),
    decide: vi.fn(() => Promise.resolve(granted)),
  };
  const show = vi.fn();
  return { viewing, show, viewings: new Viewings({ viewing, show }) };
}

describe("views of cameras", () => {
  it("offers the times that may be granted, and says which wait to be approved", () => {
    expect(durations({ minutes: 15, approved_minutes: 60 })).toEqual([
      { minutes: 5, approved: false },
      { minutes: 15, approved: false },
      { minutes: 30, approved: true },
      { minutes: 60, approved: true },
    ]);
  });

  it("shows a grant as expired at its moment", () => {
    const at = Date.parse("2026-03-02T02:30:00Z");
    expect([standingAt(granted, at - 1), standingAt(granted, at)]).toEqual(["granted", "expired"]);
  });

  it("opens the platform where no approval is needed, and not where one is", async () => {
    for (const [standing, times] of [["granted", 1], ["waiting", 0]] as const) {
      const { viewings, viewing, show } = desk(standing);
      viewings.begin(7);
      viewings.reason = " who is there ";
      await viewings.ask(5);
      expect(viewing.ask).toHaveBeenCalledWith({ camera: 7, incident: 5, reason: "who is there", minutes: 15 });
      expect(show).toHaveBeenCalledTimes(times);
      expect([viewings.camera, viewings.latestOf(7)?.id]).toEqual([null, 3]);
    }
  });

  it("says why it was refused, and keeps the form", async () => {
    const { viewings, viewing } = desk();
    viewing.ask.mockRejectedValueOnce(new ApiError(403, "viewing.not_permitted"));
    viewings.begin(7);
    await viewings.ask(5);
    expect([viewings.problem, viewings.camera, viewings.sending]).toEqual(["viewing.not_permitted", 7, false]);
  });
});
