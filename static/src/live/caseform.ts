/** A move's form: what is missing before it is sent, and the body that is sent. Pure. */

import type { Filled, FormField } from "../wire/cases";

/** What stands in the fields, as the inputs have it: texts, chosen units, and ticks. */
export type Written = Record<string, string | boolean | readonly string[]>;

/** The value of a field, undefined where nothing is written. */
function valueOf(field: FormField, written: Written[string] | undefined): Filled[string] | undefined {
  if (written === undefined || written === "" || (typeof written === "string" && !written.trim())) return undefined;
  if (field.type === "yes_no") return typeof written === "boolean" ? written : written === "yes";
  if (field.type === "units") return Array.isArray(written) && written.length ? [...(written as string[])] : undefined;
  if (field.type === "number" || field.type === "post") return Number(written);
  return typeof written === "string" ? written.trim() : undefined;
}

/** The fields that have a value. */
export function bodyOf(fields: readonly FormField[], written: Written): Filled {
  const pairs = fields.map((field) => [field.code, valueOf(field, written[field.code])] as const);
  return Object.fromEntries(pairs.filter((pair): pair is readonly [string, Filled[string]] => pair[1] !== undefined));
}

/** Codes of what the form itself can know to be wrong, by field, in the order of the fields. */
export function faultsOf(fields: readonly FormField[], written: Written): Record<string, string> {
  const faults: Record<string, string> = {};
  for (const field of fields) {
    const value = valueOf(field, written[field.code]);
    const fault = value === undefined ? (field.required ? missing(field) : null) : faultOf(field, value);
    if (fault) faults[field.code] = fault;
  }
  return faults;
}

const missing = (field: FormField): string => (field.confirm ? "unconfirmed" : "missing");

function faultOf(field: FormField, value: Filled[string]): string | null {
  if (field.confirm && value !== true) return "unconfirmed";
  if (typeof value === "string" && field.longest !== null && value.length > field.longest) return "too_long";
  if (typeof value !== "number") return null;
  if (Number.isNaN(value)) return "type";
  return (field.least !== null && value < field.least) || (field.most !== null && value > field.most) ? "range" : null;
}

/** The errors of a refused form by field, the first of each. */
export function refusedFields(params: Record<string, unknown>): Record<string, string> {
  const faults: Record<string, string> = {};
  if (!Array.isArray(params.errors)) return faults;
  for (const { field, code } of params.errors as { field: string; code: string }[]) faults[field] ??= code;
  return faults;
}
