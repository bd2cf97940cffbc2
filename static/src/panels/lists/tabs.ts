/** The tabs of the screen of lists. Pure. */

export const TABS = ["follow_up", "dissatisfied"] as const;
export type Tab = (typeof TABS)[number];

export const isTab = (name: string | null): name is Tab => TABS.some((one) => one === name);

/** The tabs that an account sees. */
export function tabsOf(): readonly Tab[] {
  return TABS;
}
