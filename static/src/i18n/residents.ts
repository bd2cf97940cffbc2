/** The words of the residents' page, which loads no others: it is read on phones with a poor line. */
export const residentsZh = {
  "language.switch": "English",
  "language.switch.label": "English，切换为英文",
  "theme.switch": "外观：{name}，点击切换",
  "theme.system": "跟随系统",
  "theme.dark": "深色",
  "theme.light": "浅色",
  "public.title": "枫桥 · 群众服务",
  "public.purpose": "在这里可以反映矛盾纠纷、安全隐患和其他诉求，并凭案件码查询办理进度。",
  "public.preparing": "服务正在准备，尚未开放。",
  "public.help": "现在需要帮助，请到就近的综治中心，或拨打 12345；紧急情况请拨打 110。",
} as const satisfies Record<string, string>;

export const residentsEn: Record<keyof typeof residentsZh, string> = {
  "language.switch": "中文",
  "language.switch.label": "中文: switch to Chinese",
  "theme.switch": "Theme: {name}. Press to change",
  "theme.system": "as the system",
  "theme.dark": "dark",
  "theme.light": "light",
  "public.title": "Maplebridge · Services for residents",
  "public.purpose": "Report disputes, hazards and other requests here, and follow your case by its code.",
  "public.preparing": "The service is being prepared and is not open yet.",
  "public.help": "If you need help now, go to the nearest governance centre or call 12345. In an emergency call 110.",
};
