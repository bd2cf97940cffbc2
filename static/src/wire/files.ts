/** Files that the server makes, such as exports and reports: fetched whole, so that a refusal is told on the screen. */

import { ANSWER_WITHIN_MS, ApiError, problemOf } from "./client";
import type { Platform } from "./platform";

/** A large blob is kept by the browser on its disk. */
export type ServerFile = { name: string; blob: Blob };

/** How long the server may take to make a file. */
export const MADE_WITHIN_MS = 8 * ANSWER_WITHIN_MS;

/** Fetches a file. Throws `ApiError`. */
export async function fetchFile({ fetch }: Pick<Platform, "fetch">, path: string): Promise<ServerFile> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), MADE_WITHIN_MS);
  try {
    const response = await fetch(path, { credentials: "same-origin", signal: late.signal });
    clearTimeout(timer);
    if (!response.ok) throw problemOf({ response, text: await response.text() });
    return { name: nameOf(response.headers.get("content-disposition") ?? "", path), blob: await response.blob() };
  } catch (cause) {
    throw cause instanceof ApiError ? cause : new ApiError(0, "unreachable");
  } finally {
    clearTimeout(timer);
  }
}

/** The name that the server gives a file (RFC 6266), or else the end of its address. */
export function nameOf(disposition: string, path: string): string {
  const coded = /filename\*=utf-8''([^;]+)/i.exec(disposition)?.[1];
  if (coded) return decodeURIComponent(coded);
  const plain = /filename="([^"]+)"/i.exec(disposition)?.[1] ?? /filename=([^;\s]+)/i.exec(disposition)?.[1];
  return plain ?? path.split("?")[0]?.split("/").at(-1) ?? "";
}
