/** Reading a QR code by the phone's own detector, where its browser has one. Nothing that the camera sees is kept or sent. */

interface Detector {
  detect: (source: HTMLVideoElement) => Promise<readonly { rawValue: string }[]>;
}

export type ScanParts = { BarcodeDetector?: new (options: { formats: string[] }) => Detector; mediaDevices?: Pick<MediaDevices, "getUserMedia"> | undefined };

const LOOK_EVERY_MS = 200;

/** Whether this browser can scan. Some have the detector, and no camera that they hand out. */
export const canScan = ({ BarcodeDetector, mediaDevices }: ScanParts): boolean => BarcodeDetector !== undefined && mediaDevices !== undefined;

/** Shows the camera in `video` until a code is seen; resolves to it, or to null when stopped. Throws where the camera is not given. */
export async function scan(video: HTMLVideoElement, { BarcodeDetector, mediaDevices }: ScanParts, stop: AbortSignal): Promise<string | null> {
  if (!BarcodeDetector || !mediaDevices) return null;
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const stream = await mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  try {
    video.srcObject = stream;
    await video.play();
    while (!stop.aborted) {
      const [seen] = await detector.detect(video);
      if (seen?.rawValue) return seen.rawValue;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}
