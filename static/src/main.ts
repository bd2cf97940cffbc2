import { mount } from "svelte";
import "@fontsource-variable/noto-sans-sc/wght.css";
import "./styles/tokens.css";
import "./styles/base.css";
import App from "./App.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("the page has no #app");

export default mount(App, { target });
