"""Messages of files that are imported as drafts, in English and Chinese, by code."""

DRAFT_MESSAGES: dict[str, tuple[str, str]] = {
    "draft.made": (
        "plan {id} begun with {count} operations: open it on the planner's screen",
        "已新建方案 {id}，共 {count} 步操作：请在网格调整页打开",
    ),
    "draft.rehearsed": ("dry run: {count} operations, no plan begun", "演练：共 {count} 步操作，未新建方案"),
    "draft.other_place": (
        (
            "lies {offset_m} m beside the known lines, with {count} of {rows} rows, though declared {declared}; likely "
            "{likely} (axes: x and y exchanged), at {lon},{lat}: give --datum or --swap-xy accordingly"
        ),
        (
            "注明为 {declared}，但 {rows} 行中有 {count} 行偏离现有界线 {offset_m} 米，可能是 {likely}"
            "（axes 指 x、y 颠倒），位于 {lon},{lat}：请相应指定 --datum 或 --swap-xy"
        ),
    ),
    "draft.refused": (
        "cannot be drawn on today's lines: {reason} {codes}, at {lon},{lat}; docs/errors.md tells the way out",
        "无法在今日界线上绘出：{reason} {codes}，位于 {lon},{lat}；处理办法见 docs/errors.zh-CN.md",
    ),
    "draft.invalid": (
        "{number}. {code} crosses itself, at {lon},{lat}",
        "{number}. {code} 自相交，位于 {lon},{lat}",
    ),
    "draft.overlap": (
        "{number}. {code} overlaps {other}: {area_m2} m², at {lon},{lat}",
        "{number}. {code} 与 {other} 重叠 {area_m2} 平方米，位于 {lon},{lat}",
    ),
    "draft.gap": (
        "{number}. gap beside {code}: {area_m2} m², at {lon},{lat}",
        "{number}. {code} 旁有空隙 {area_m2} 平方米，位于 {lon},{lat}",
    ),
    "draft.outside": (
        "{number}. {code} lies outside by {area_m2} m², at {lon},{lat}",
        "{number}. {code} 越出外界线 {area_m2} 平方米，位于 {lon},{lat}",
    ),
    "draft.edge": (
        "{number}. the borders of {code} and {other} do not share their vertices, at {lon},{lat}",
        "{number}. {code} 与 {other} 的界线拐点不重合，位于 {lon},{lat}",
    ),
    "draft.spike": ("{number}. {code} has a spike, at {lon},{lat}", "{number}. {code} 有尖刺，位于 {lon},{lat}"),
    "draft.sliver": (
        "{number}. {code} is too narrow, at {lon},{lat}",
        "{number}. {code} 过窄，位于 {lon},{lat}",
    ),
    "draft.apart": (
        "{number}. {code} is in several parts, at {lon},{lat}",
        "{number}. {code} 不连片，位于 {lon},{lat}",
    ),
    "draft.parent": (
        "{number}. {code} has no parent one level above, at {lon},{lat}",
        "{number}. {code} 没有上一级区划，位于 {lon},{lat}",
    ),
    "draft.nesting": (
        "{number}. {code} crosses the border of {other}, at {lon},{lat}",
        "{number}. {code} 跨越 {other} 的界线，位于 {lon},{lat}",
    ),
    "draft.code": (
        "{number}. {code} cannot be the code of a division, at {lon},{lat}",
        "{number}. {code} 不能作为区划编码，位于 {lon},{lat}",
    ),
}
