"""Messages about imported networks of sectors, in English and Chinese, by code."""

_AT = (
    "{sector}: {what}: {{count}}, {{square_metres}} m² in all; the largest: {{names}}, at {{lon}},{{lat}}",
    "{sector}：{what} {{count}} 处，共 {{square_metres}} 平方米；最大一处：{{names}}，位于 {{lon}},{{lat}}",
)


def _told(english: str, chinese: str) -> tuple[str, str]:
    return _AT[0].format(sector="{sector}", what=english), _AT[1].format(sector="{sector}", what=chinese)


NETWORK_MESSAGES: dict[str, tuple[str, str]] = {
    "area.outside": (
        "the area lies outside the county; is the datum right?",
        "片区位于辖区之外；坐标基准是否正确？",
    ),
    "network.other_place": (
        "{sector}: the borders lie beside the grids, and on them if the file is {likely} instead of {declared}",
        "{sector}：边界偏离网格；若文件的坐标基准是 {likely} 而不是 {declared}，则与网格重合",
    ),
    "network.sector_missing": (
        "give the sector whose network this is: --sector CODE",
        "请指明所属条线：--sector 编码",
    ),
    "network.no_grids": (
        "there are no grids on that day: import grids first",
        "该日没有网格：请先导入网格",
    ),
    "counts.broken": (
        "{value}: should be a known count and a whole number, such as households=100; there are: {known}",
        "{value}：应为已知计数项加整数，例如 households=100；可用的有：{known}",
    ),
    "sector.unknown": ("unknown sector {value}; there are: {known}", "未知条线 {value}；可用的有：{known}"),
    "network.agrees": (
        "{sector}: all {areas} areas agree with the grids within {width_m} m",
        "{sector}：{areas} 个片区与网格一致（误差不超过 {width_m} 米）",
    ),
    "network.gap": _told("gaps that no area covers", "无片区覆盖的空白"),
    "network.overlap": _told("overlaps of areas", "片区相互重叠"),
    "network.outside": _told("areas that reach beyond the grids", "片区超出网格范围"),
    "network.cut": _told("grids cut by areas", "片区切割网格"),
    "network.border": _told("borders drawn elsewhere", "边界不一致"),
    "network.several_grids": _told("areas over several whole grids", "一片区跨多个网格"),
    "network.grid_divided": _told("grids divided among several areas", "一网格分属多个片区"),
}
