/** A QR code as the path of its dark modules. */

import qrcode from "qrcode-generator";

export type Qr = { size: number; path: string };

/** Modules of quiet ground that a reader needs around the code. */
export const QUIET = 4;

/** Encodes a text at level M: it survives a crumpled slip. `size` includes the quiet ground. */
export function qrOf(text: string): Qr {
  const code = qrcode(0, "M");
  code.addData(text, "Byte");
  code.make();
  const n = code.getModuleCount();
  const rows = Array.from({ length: n }, (_, y) => Array.from({ length: n }, (_, x) => (code.isDark(y, x) ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "")).join(""));
  return { size: n + 2 * QUIET, path: rows.join("") };
}
