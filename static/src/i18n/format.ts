/** Formats numbers, times and distances, in the language in use and the county's time zone. */

import { language, t } from "./index.svelte";

let zone = "UTC";

/** Sets the county's time zone: all times are shown in it, wherever the screen is. */
export function useTimeZone(name: string): void {
  zone = name;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language.tag}|${zone}|${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known) return known;
  const format = new Intl.DateTimeFormat(language.tag, { ...options, timeZone: zone, hourCycle: "h23" });
  formats.set(key, format);
  return format;
}

export type Moment = string | number;

const asDate = (moment: Moment) => new Date(moment);

export const timeOfDay = (moment: Moment) => dates({ hour: "2-digit", minute: "2-digit" }).format(asDate(moment));
export const timeWithSeconds = (moment: Moment) =>
  dates({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(asDate(moment));
export const dayAndTime = (moment: Moment) =>
  dates({ month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" }).format(asDate(moment));
/** Time of day, with the date unless it is the day of `now`. */
export const timeOnDay = (moment: Moment, now: Moment) =>
  longDay(moment) === longDay(now) ? timeOfDay(moment) : dayAndTime(moment);
export const longDay = (moment: Moment) =>
  dates({ year: "numeric", month: "long", day: "numeric", weekday: "long" }).format(asDate(moment));

/** The day as `2022-05-01`, as date fields have it. */
export const isoDay = (moment: Moment) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(asDate(moment));
/** A moment as fields of date and time have it, by the county's clock: `2022-05-01T22:00`. */
export const fieldTime = (moment: Moment) => `${isoDay(moment)}T${dates({ hour: "2-digit", minute: "2-digit" }).format(asDate(moment))}`;

/** The moment, in milliseconds, at which the county's clock shows such a time; of an hour that comes twice, either. */
export function momentOf(field: string): number {
  const meant = Date.parse(`${field}Z`);
  const shown = (moment: number) => Date.parse(`${fieldTime(moment)}Z`);
  const first = meant - (shown(meant) - meant);
  return first - (shown(first) - meant);
}

/** Such a day so many days later. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}

/** The weekday of such a day, short: `周一`, `Mon`. */
export const weekdayOf = (day: string) => new Intl.DateTimeFormat(language.tag, { timeZone: "UTC", weekday: "short" }).format(asDate(day));

/** The day before such a day: the last day of what is no longer so on it. */
export const dayBefore = (day: string) => dayAfter(day, -1);

/** Such a day in words. */
export const dayInWords = (day: string) =>
  new Intl.DateTimeFormat(language.tag, { timeZone: "UTC", year: "numeric", month: "long", day: "numeric" }).format(asDate(day));

/** Such a day, short: `11-16`, `16 Nov`. */
export const shortDay = (day: string) =>
  new Intl.DateTimeFormat(language.tag, { timeZone: "UTC", month: language.tag.startsWith("zh") ? "numeric" : "short", day: "numeric" }).format(asDate(day));

/** Roughly how wide a text is, in Latin letters: a Chinese one is twice as wide. */
export function widthOf(text: string): number {
  return text.length + (text.match(/[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]/g)?.length ?? 0);
}

export function count(n: number): string {
  return new Intl.NumberFormat(language.tag).format(n);
}

export function decimal(n: number, digits = 1): string {
  return new Intl.NumberFormat(language.tag, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(n);
}

/** A share in whole percent; never 100 % or 0 % of what is not all or nothing. */
export function percent(share: number): string {
  const whole = Math.round(share * 100);
  const told = share < 1 && whole === 100 ? 99 : share > 0 && whole === 0 ? 1 : whole;
  return new Intl.NumberFormat(language.tag, { style: "percent" }).format(told / 100);
}

/** A number with its sign, as a term of a sum. */
export function signed(n: number): string {
  return new Intl.NumberFormat(language.tag, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: "always",
  }).format(n);
}

/** A span of milliseconds in its largest sensible unit. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 100) return t("age.s", { n: seconds });
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return t("age.m", { n: minutes });
  const hours = Math.round(minutes / 60);
  return hours < 48 ? t("age.h", { n: hours }) : t("age.d", { n: Math.round(hours / 24) });
}

/** A clock that counts, to the second under an hour, to the minute under ten, then in whole hours or days. */
export function clockSpan(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  const [h, m] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (h >= 10) return age(Math.abs(ms));
  return h ? t("span.hours", { h, m }) : t("span.minutes", { m, s: String(seconds % 60).padStart(2, "0") });
}

/** How far off a position may be: "± 20 km". */
export function accuracy(metres: number): string {
  const n = metres < 10_000 ? distance(metres) : t("distance.km", { n: count(Math.round(metres / 1000)) });
  return t("accuracy", { distance: n });
}

export function distance(metres: number): string {
  return metres < 950 ? t("distance.m", { n: Math.round(metres / 10) * 10 }) : t("distance.km", { n: decimal(metres / 1000) });
}
