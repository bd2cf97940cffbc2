import { describe, expect, it, vi } from "vitest";
import { canScan, scan, type ScanParts } from "./scan";

function phone(seen: readonly string[][]): { parts: ScanParts; stopped: () => boolean; video: HTMLVideoElement } {
  const stop = vi.fn();
  const looks = [...seen];
  const parts: ScanParts = {
    BarcodeDetector: class {
      detect = async () => (looks.shift() ?? []).map((rawValue) => ({ rawValue }));
    },
    mediaDevices: { getUserMedia: async () => ({ getTracks: () => [{ stop }] }) as unknown as MediaStream },
  };
  return { parts, stopped: () => stop.mock.calls.length === 1, video: { play: async () => undefined, srcObject: null } as unknown as HTMLVideoElement };
}

describe("scanning a slip", () => {
  it("looks until a code is seen, and puts the camera out", async () => {
    const { parts, stopped, video } = phone([[], ["ABCD2345"]]);
    expect(await scan(video, parts, new AbortController().signal)).toBe("ABCD2345");
    expect([stopped(), video.srcObject]).toEqual([true, null]);
  });

  it("puts the camera out when it is stopped", async () => {
    const { parts, stopped, video } = phone([]);
    const stop = new AbortController();
    const found = scan(video, parts, stop.signal);
    stop.abort();
    expect(await found).toBeNull();
    expect(stopped()).toBe(true);
  });

  it("is not offered where the browser has no detector", () => {
    expect(canScan({ mediaDevices: phone([]).parts.mediaDevices })).toBe(false);
    expect(canScan(phone([]).parts)).toBe(true);
  });
});
