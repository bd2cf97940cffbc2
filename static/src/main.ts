import { mount } from "svelte";
import "@fontsource-variable/noto-sans-sc/wght.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./i18n/all";
import App from "./App.svelte";
import { language } from "./i18n/index.svelte";
import { AppState, contextOf } from "./live/app.svelte";
import { wear } from "./styles/theme.svelte";
import { browserPlatform } from "./wire/platform";

const target = document.getElementById("app");
if (!target) throw new Error("the page has no #app");

language.restore();
const app = new AppState(browserPlatform());
wear(document.documentElement, app.theme);
export default mount(App, { target, context: contextOf(app) });
