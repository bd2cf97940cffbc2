/** Node for tests of state: Svelte's reactive modules are compiled as for a browser, and nothing else of a browser is there. */
export default { name: "node-as-client", viteEnvironment: "client", setup: () => ({ teardown: () => undefined }) };
