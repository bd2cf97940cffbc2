import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Retries, RETRY_MS } from "./retries";

describe("tiles that had no answer", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("are asked for once more, together, for as long as they fail", () => {
    const refresh = vi.fn<(source: string) => void>();
    const retries = new Retries(refresh);
    for (const source of ["raster-0", "raster-1", "raster-0"]) retries.failed(source);
    vi.advanceTimersByTime(RETRY_MS);
    expect(refresh.mock.calls).toEqual([["raster-0"], ["raster-1"]]);
    retries.failed("raster-0");
    vi.advanceTimersByTime(10 * RETRY_MS);
    expect(refresh).toHaveBeenCalledTimes(3);
  });

  it("are not asked for by a map that is gone", () => {
    const refresh = vi.fn<(source: string) => void>();
    const retries = new Retries(refresh);
    retries.failed("raster-0");
    retries.stop();
    vi.advanceTimersByTime(RETRY_MS);
    expect(refresh).not.toHaveBeenCalled();
  });
});
