/** What other weights of dispatching would have done, over HTTP. */

import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type WhatIf = Schemas["WhatIfOut"];
export type Weight = Schemas["WeightOut"];
export type WeightCode = Weight["code"];
export type ChangedDispatch = Schemas["ChangedDispatchOut"];
export type WeighedForce = Schemas["WeighedForceOut"];
export type Factors = Partial<Record<WeightCode, number>>;
export type WhatIfQuestion = { weights: Factors; from: string; to: string; scope: string | null };
