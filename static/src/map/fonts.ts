/** Noto Sans SC for the map's labels: the bundled font's files, each with its range of characters. */

import type { StyleSpecification } from "maplibre-gl";
import ranges from "@fontsource-variable/noto-sans-sc/unicode.json";

export const MAP_FONT = "Noto Sans SC";

const files = import.meta.glob<string>("/node_modules/@fontsource-variable/noto-sans-sc/files/*-wght-normal.woff2", {
  query: "?url",
  import: "default",
  eager: true,
});

function addressOf(piece: string): string | undefined {
  const name = piece.replace(/[[\]]/g, "");
  return files[`/node_modules/@fontsource-variable/noto-sans-sc/files/noto-sans-sc-${name}-wght-normal.woff2`];
}

/** The style's `font-faces`: with it, labels need no glyph server and no font on the machine. */
export function fontFaces(): NonNullable<StyleSpecification["font-faces"]> {
  const faces = Object.entries(ranges as Record<string, string>).flatMap(([piece, range]) => {
    const url = addressOf(piece);
    return url ? [{ url: new URL(url, location.href).href, "unicode-range": range.split(",") }] : [];
  });
  return { [MAP_FONT]: faces };
}
