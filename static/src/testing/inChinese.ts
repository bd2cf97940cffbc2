/** Begins a file of tests in Chinese, whatever language the one before has left: the files of a worker share modules. */

import { language } from "../i18n/index.svelte";

language.locale = "zh";
