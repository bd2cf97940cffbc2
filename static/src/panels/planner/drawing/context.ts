/** The drawing in hand, for the components of the planner's screen. */

import { createContext } from "svelte";
import type { Drawing } from "./drawing.svelte";

export const [useDrawing, provideDrawing] = createContext<Drawing>();
