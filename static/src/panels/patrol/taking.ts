/** Taking photos and recordings in the browser: pictures are made smaller before they are kept, recordings heard. */

import type { TakenPlace } from "../../wire/evidencestore";

export const LONGEST_SIDE = 1600;
const PREVIEW_SIDE = 96;
const QUALITY = 0.82;

/** Width and height within a longest side. */
export function within(width: number, height: number, side: number): [number, number] {
  const scale = Math.min(1, side / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

function drawn(image: ImageBitmap | HTMLCanvasElement, side: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = within(image.width, image.height, side);
  const pen = canvas.getContext("2d");
  if (!pen) throw new TypeError("no canvas");
  // A JPEG has no transparency, which would turn black.
  pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--print-ground");
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** A picture as a JPEG of pixels alone, and a small one of it. Null for what is no picture. */
export async function smaller(file: Blob): Promise<{ bytes: ArrayBuffer; preview: string } | null> {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (!image) return null;
  try {
    const small = drawn(image, LONGEST_SIDE);
    const made = await new Promise<Blob | null>((resolve) => small.toBlob(resolve, "image/jpeg", QUALITY));
    return made && { bytes: await made.arrayBuffer(), preview: drawn(small, PREVIEW_SIDE).toDataURL("image/jpeg", 0.7) };
  } finally {
    image.close();
  }
}

/** Where the device is, asked for before the camera opens, so that it is known when the picture is there. */
export function placeAt(geolocation: Geolocation | undefined): Promise<GeolocationPosition | null> {
  if (!geolocation) return Promise.resolve(null);
  return new Promise((resolve) => geolocation.getCurrentPosition(resolve, () => resolve(null), { enableHighAccuracy: true, maximumAge: 10_000, timeout: 30_000 }));
}

/** A fix as it is kept beside a photo; an age of many hours says nothing about it. */
export function placeOf(fix: GeolocationPosition | null, takenAt: number): TakenPlace | null {
  const age = fix ? (takenAt - fix.timestamp) / 1000 : Infinity;
  if (!fix || age > 3_600) return null;
  const { longitude, latitude, accuracy } = fix.coords;
  return { lon: longitude, lat: latitude, accuracy_m: Math.min(100_000, accuracy), place_age_s: Math.max(0, Math.round(age)) };
}

const FORMATS = ["audio/mp4", "audio/webm;codecs=opus", "audio/ogg;codecs=opus"];
const SLICE_MS = 1_000;
/** The peak of a recording that a microphone has heard anything in. */
const LEAST_PEAK = 0.001;

/** A recording under way. */
export class Recording {
  readonly #recorder: MediaRecorder;
  readonly #parts: Blob[] = [];

  private constructor(stream: MediaStream) {
    const mimeType = FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
    this.#recorder = new MediaRecorder(stream, mimeType ? { mimeType, audioBitsPerSecond: 32_000 } : {});
    this.#recorder.ondataavailable = ({ data }) => this.#parts.push(data);
    this.#recorder.start(SLICE_MS);
  }

  /** Null where there is no microphone, or no right to it. */
  static async begin(devices: MediaDevices | undefined): Promise<Recording | null> {
    const stream = await devices?.getUserMedia({ audio: true }).catch(() => null);
    return stream ? new Recording(stream) : null;
  }

  async end(): Promise<Blob> {
    await new Promise((resolve) => {
      this.#recorder.onstop = resolve;
      this.#recorder.stop();
    });
    for (const track of this.#recorder.stream.getTracks()) track.stop();
    return new Blob(this.#parts, { type: this.#recorder.mimeType.split(";")[0] ?? "" });
  }
}

/** The seconds of a recording that this browser can play, and in which there is sound; else null. */
export async function secondsHeard(bytes: ArrayBuffer): Promise<number | null> {
  const context = new AudioContext();
  try {
    const sound = await context.decodeAudioData(bytes.slice(0));
    const peak = sound.getChannelData(0).reduce((most, one) => Math.max(most, Math.abs(one)), 0);
    return sound.duration > 0 && peak > LEAST_PEAK ? sound.duration : null;
  } catch {
    return null;
  } finally {
    await context.close();
  }
}
