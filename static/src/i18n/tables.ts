/** The words that the page knows: those of the residents' page, and all others once `all.ts` is loaded. */

import { residentsEn, residentsZh } from "./residents";

export type Locale = "zh" | "en";

export const TABLES: Record<Locale, Record<string, string>> = { zh: { ...residentsZh }, en: { ...residentsEn } };
