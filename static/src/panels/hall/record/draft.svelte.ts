/** What an operator writes down of a new incident, kept until it is registered or discarded. */

import type { ApiError } from "../../../wire/client";
import type { NewIncident } from "../../../wire/types";

export type Point = readonly [lon: number, lat: number];

/** Code of what is wrong with a field, by the field. */
export type FieldErrors = Partial<Record<string, string>>;

const BLANK = { category: "", title: "", description: "", address: "", risk: "", language: "" };
export type DraftField = keyof typeof BLANK;

/** Errors of the server name coordinates and datum; the form has one field for all of them. */
const SHOWN_AT: Record<string, string> = { lon: "place", lat: "place", datum: "place", address: "place" };

/** The errors of a refused body by the field of the form, the first of each. Empty where the refusal names none. */
export function fieldErrorsOf(problem: ApiError): FieldErrors {
  const listed: unknown = problem.params.errors;
  if (problem.status !== 422 || !Array.isArray(listed)) return {};
  const errors: FieldErrors = {};
  for (const { field, code } of listed as { field: string; code: string }[]) errors[SHOWN_AT[field] ?? field] ??= code;
  return errors;
}

export class Draft {
  fields = $state({ ...BLANK });
  point = $state.raw<Point | null>(null);
  source = $state("");
  errors = $state.raw<FieldErrors>({});
  /** Code of why it was not registered, where no field is to blame. */
  problem = $state<string | null>(null);
  #sent: { body: string; key: string } | null = null;

  readonly isBlank = $derived.by(() => this.point === null && Object.values(this.fields).every((text) => text.trim() === ""));

  /** Takes a place: its point, and its words where it has a name. */
  put(point: Point, words?: string): void {
    this.point = point;
    if (words !== undefined) this.fields.address = words;
    this.#correct("place");
  }

  withoutPoint(): void {
    this.point = null;
  }

  write(field: DraftField, text: string): void {
    this.fields[field] = text;
    this.#correct(field === "address" ? "place" : field);
  }

  /** Checks what the form itself can know; returns whether it may be sent. */
  check(): boolean {
    const { category, title, address } = this.fields;
    const errors: FieldErrors = {};
    if (!category) errors.category = "missing";
    if (!title.trim()) errors.title = "missing";
    if (this.point === null && !address.trim()) errors.place = "missing";
    this.errors = errors;
    return Object.keys(errors).length === 0;
  }

  /** The body to send. Empty fields are left out, so that the server takes its defaults. */
  body(): NewIncident {
    const filled = Object.entries(this.fields).map(([name, text]) => [name, text.trim()] as const);
    const said = Object.fromEntries(filled.filter(([, text]) => text !== ""));
    const place = this.point ? { lon: this.point[0], lat: this.point[1] } : {};
    return { source: this.source, ...said, ...place } as NewIncident;
  }

  /** A key of its own for each content: sent again after a lost answer, the same incident is registered once. */
  key(fresh: () => string): string {
    const body = JSON.stringify(this.body());
    if (this.#sent?.body !== body) this.#sent = { body, key: fresh() };
    return this.#sent.key;
  }

  refuse(problem: ApiError): void {
    this.errors = fieldErrorsOf(problem);
    this.problem = Object.keys(this.errors).length ? null : problem.code;
  }

  clear(): void {
    this.fields = { ...BLANK };
    this.point = null;
    this.errors = {};
    this.problem = null;
    this.#sent = null;
  }

  #correct(field: string): void {
    const { [field]: corrected, ...left } = this.errors;
    if (corrected !== undefined) this.errors = left;
  }
}
