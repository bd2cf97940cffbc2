"""Words on an exported view, in both languages: the file leaves the program, so no screen translates it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Lang = Literal["zh", "en"]

_ZH = {
    "time": "时间",
    "scope": "范围",
    "review": "审图号",
    "source": "边界来源",
    "generated": "部分网格线为生成数据",
    "note": "说明",
    "incidents": "未办结事件",
    "hexes": "热点",
    "cameras": "视频点位",
    "places": "中心与站点",
    "new": "新发",
    "persistent": "持续",
    "fading": "消退",
    "none": "不显著",
    "category": "类别",
    "status": "状态",
    "code": "案件码",
    "name": "名称",
    "count": "件数",
    "expected": "预期",
    "registered": "待派",
    "assigned": "已派单",
    "accepted": "已接单",
    "under_way": "在途",
    "on_scene": "现场办理",
}

_EN = {
    "time": "Time",
    "scope": "Scope",
    "review": "Map review no.",
    "source": "Boundaries from",
    "note": "Note",
    "generated": "some grid lines are generated",
    "incidents": "Open incidents",
    "hexes": "Hotspots",
    "cameras": "Cameras",
    "places": "Centres and stations",
    "new": "new",
    "persistent": "persistent",
    "fading": "fading",
    "none": "not significant",
    "category": "Category",
    "status": "Status",
    "code": "Case code",
    "name": "Name",
    "count": "Count",
    "expected": "Expected",
    "registered": "registered",
    "assigned": "assigned",
    "accepted": "accepted",
    "under_way": "en route",
    "on_scene": "on scene",
}

WORDS: Mapping[Lang, Mapping[str, str]] = MappingProxyType({"zh": _ZH, "en": _EN})
