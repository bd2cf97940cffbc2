import { describe, expect, it } from "vitest";
import { PALETTES } from "../palette";
import { coneLayers, sector } from "./cameras";

const camera = { lon: 120.6, lat: 31, heading: 90, fov_deg: 60, range_m: 100 };

describe("what a camera sees", () => {
  it("is a closed ring that begins where the camera stands", () => {
    const ring = sector(camera);
    expect(ring[0]).toEqual([120.6, 31]);
    expect(ring.at(-1)).toEqual(ring[0]);
  });

  it("lies where it looks, as far as it reaches", () => {
    const middle = sector({ ...camera, fov_deg: 40 })[3] as [number, number];
    const east = (middle[0] - camera.lon) * 111_320 * Math.cos((camera.lat * Math.PI) / 180);
    expect(east).toBeCloseTo(100, 0);
    expect(middle[1]).toBeCloseTo(31, 6);
  });

  it("opens as wide as its field of view", () => {
    const ring = sector({ ...camera, heading: 0, fov_deg: 180 });
    expect(Math.max(...ring.map(([lon]) => lon)) - camera.lon).toBeCloseTo(camera.lon - Math.min(...ring.map(([lon]) => lon)), 9);
  });
});

describe("the layers of cameras", () => {
  const one = { ...camera, id: 1, code: "", name: "", owner: "", level: 1, ptz: false, online: true, state: "online", state_at: null } as const;
  const rows = (cameras: Parameters<typeof coneLayers>[0]) =>
    coneLayers(cameras, new Set(), 1, PALETTES.dark).map(({ id, props }) => [id, (props as unknown as { data: unknown[] }).data.length]);

  it("tell states apart by shape: filled, outlined, crossed out", () => {
    expect(rows([one])).toEqual([["camera-cones", 1], ["camera-outlines", 1], ["camera-crosses", 0]]);
    expect(rows([{ ...one, state: "unknown" }, { ...one, ptz: true }])).toEqual([["camera-cones", 0], ["camera-outlines", 2], ["camera-crosses", 0]]);
    expect(rows([{ ...one, state: "offline" }])).toEqual([["camera-cones", 0], ["camera-outlines", 1], ["camera-crosses", 2]]);
  });
});
