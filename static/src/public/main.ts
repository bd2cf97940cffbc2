import { mount } from "svelte";
import "../styles/tokens.css";
import "../styles/base.css";
import { language } from "../i18n/index.svelte";
import PublicPage from "./PublicPage.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("the page has no #app");

language.restore();
export default mount(PublicPage, { target });
