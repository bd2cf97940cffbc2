/** Indicators over HTTP: all of them in some days, one divided into parts, and the cases behind a figure. */

import type { Client } from "./client";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Indicators = Schemas["IndicatorListOut"];
export type IndicatorRow = Schemas["IndicatorOut"];
export type Divided = Schemas["DividedIndicatorOut"];
export type IndicatorPart = Schemas["IndicatorPartOut"];
export type IndicatorFigure = Pick<IndicatorPart, "numerator" | "denominator" | "value" | "few">;
export type IndicatorSpan = Schemas["SpanFigureOut"];
export type IndicatorCases = Schemas["IndicatorCasesPage"];
export type IndicatorCase = IndicatorCases["items"][number];
export type PartBy = NonNullable<Divided["by"]>;
export type Days = { from: string | null; to: string | null; scope: string | null; lines: string | null };

function asked(days: Days, more: Record<string, string | null> = {}): string {
  const given = Object.entries({ ...days, ...more }).filter((pair): pair is [string, string] => pair[1] !== null);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

export class IndicatorCalls {
  readonly #client: Client;
  readonly #prefix: string;

  constructor(client: Client, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  all(days: Days): Promise<Indicators> {
    return this.#client.call("GET", `/api/indicators${asked(days)}`);
  }

  one(code: string, days: Days, by: PartBy): Promise<Divided> {
    return this.#client.call("GET", `/api/indicators/${encodeURIComponent(code)}${asked(days, { by })}`);
  }

  /** The cases behind a figure, by the address that came with it. */
  behind(cases: string, { limit, cursor }: { limit: number; cursor: string | null }): Promise<IndicatorCases> {
    return this.#client.call("GET", `${cases}&${new URLSearchParams({ limit: String(limit), ...(cursor ? { cursor } : {}) })}`);
  }

  /** The address of all indicators as a file. */
  fileOf(days: Days, format: "xlsx" | "pdf", lang: string): string {
    return `${this.#prefix}/api/indicators/export${asked(days, { format, lang })}`;
  }
}
