/** The words of the bell; notices themselves have those of the board. */
export const noticesZh = {
  "notices.bell.none": "提醒：没有新的",
  "notices.bell.some": "提醒：{n} 条待阅或待回复",
  "notices.failed": "暂时读不到提醒，正在重试",
  "notices.answered": "已回复：{words}",
} as const;

export const noticesEn: Record<keyof typeof noticesZh, string> = {
  "notices.bell.none": "Notices: none new",
  "notices.bell.some": "Notices: {n} to read or answer",
  "notices.failed": "Notices cannot be read at the moment: trying again",
  "notices.answered": "Answered: {words}",
};
