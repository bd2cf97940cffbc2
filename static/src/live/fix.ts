/** The position that a report states: the phone's newest one. */

/** `at`: when it was measured, in epoch milliseconds. */
export type Fix = { lon: number; lat: number; accuracy_m: number; at: number };

const PATIENCE_MS = 12_000;

/** Asks the phone where it is now: an older position, however exact, says where it was. Null where it does not say. */
export function freshFix(geolocation: Geolocation | undefined): Promise<Fix | null> {
  return new Promise((resolve) => {
    if (!geolocation) return resolve(null);
    geolocation.getCurrentPosition(
      ({ coords, timestamp }) => resolve({ lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy, at: timestamp }),
      () => resolve(null),
      { enableHighAccuracy: true, maximumAge: 0, timeout: PATIENCE_MS },
    );
  });
}

/** Seconds since a fix was measured; a phone whose clock runs ahead of its receiver has none in the future. */
export const ageOf = (fix: Fix, now: number): number => Math.max(0, Math.round((now - fix.at) / 1000));
