/** Loads the words of every screen. Imported by the entry of the console, and before each test. */

import { en } from "./en";
import { TABLES } from "./tables";
import { zh } from "./zh";

Object.assign(TABLES.zh, zh);
Object.assign(TABLES.en, en);
