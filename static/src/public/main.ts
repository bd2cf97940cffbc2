import { mount } from "svelte";
import "../styles/tokens.css";
import "../styles/base.css";
import { language } from "../i18n/index.svelte";
import { Theme, wear } from "../styles/theme.svelte";
import PublicPage from "./PublicPage.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("the page has no #app");

language.restore();
const theme = new Theme({ storage: localStorage, prefersLight: matchMedia("(prefers-color-scheme: light)") });
wear(document.documentElement, theme);
export default mount(PublicPage, { target, props: { theme } });
