"""Names of columns by which fields are found, and how names are compared. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

ALIASES: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "编码", "编号", "代码"),
    "name": ("name", "名称", "姓名"),
    "parent": ("parent", "parent_code", "上级", "上级编码"),
    "name_en": ("name_en", "英文名称"),
    "households": ("households", "户数"),
    "enterprises": ("enterprises", "enterpr", "企业数"),
    "premises": ("premises", "场所数", "楼栋数"),
    "counted_on": ("counted_on", "统计日期", "采集日期"),
    "hours": ("hours", "开放时间", "工作时间"),
    "services": ("services", "服务事项"),
    "attendance": ("attendance", "入驻方式"),
    "running": ("running", "运行"),
    "lon": ("lon", "lng", "longitude", "经度", "东经", "x", "x坐标", "easting"),
    "lat": ("lat", "latitude", "纬度", "北纬", "y", "y坐标", "northing"),
    "lonlat": ("lonlat", "lon,lat", "lng,lat", "lon_lat", "lnglat", "经纬度", "经度,纬度", "经度纬度", "经度/纬度",
               "经度、纬度"),
    "latlon": ("latlon", "lat,lon", "lat,lng", "lat_lon", "latlng", "纬经度", "纬度,经度", "纬度经度", "纬度/经度",
               "纬度、经度"),
    "position": ("position", "coordinates", "coordinate", "坐标", "坐标位置", "位置坐标", "坐标点",
                 "经纬度坐标", "gps"),
    "wkt": ("wkt", "wkt_geom", "geometry", "geom", "the_geom", "几何"),
    "sector": ("sector", "条线", "网格类型", "所属条线"),
    "worker": ("worker", "responsible", "责任人", "责任人姓名", "负责人", "网格员", "网格员姓名"),
    "counts": ("counts", "数量"),
    "worker_code": ("worker_code", "worker_cod", "工号", "责任人工号", "网格员工号", "网格员编号"),
    "owner": ("owner", "权属", "所属单位"),
    "heading": ("heading", "朝向", "方位角"),
    "fov_deg": ("fov_deg", "fov", "视场角"),
    "range_m": ("range_m", "range", "可视距离"),
    "online": ("online", "在线"),
    "route": ("route", "路线", "路线名称", "巡查路线"),
    "level": ("level", "点位类别", "分级"),
    "ptz": ("ptz", "云台", "可转动"),
    "said_at": ("said_at", "状态时间"),
    "source": ("source", "来源", "事件来源"),
    "external_no": ("external_no", "ext_no", "外部编号", "来源编号", "事件编号"),
    "category": ("category", "类别", "类型", "事件类别", "事件类型", "纠纷类型"),
    "title": ("title", "标题", "事件标题", "事件名称"),
    "description": ("description", "descr", "描述", "内容", "事件描述", "事件内容"),
    "address": ("address", "地址", "地点", "事发地址", "事发地点", "发生地点"),
    "occurred_at": ("occurred_at", "occurred", "发生时间", "事发时间"),
    "occurred_date": ("occurred_date", "发生日期", "日期", "date"),
    "occurred_time": ("occurred_time", "发生时刻", "时刻", "时间", "time"),
    "closed_at": ("closed_at", "办结时间"),
    "closed_date": ("closed_date", "办结日期"),
    "closed_time": ("closed_time", "办结时刻"),
    "language": ("language", "当事人语言"),
    "risk": ("risk", "风险", "风险等级"),
    "kind": ("kind", "力量类别", "站点类别", "单位类别", "类别"),
    "grid_kind": ("grid_kind", "kind", "专属网格", "专属网格类别"),
    "organisation": ("organisation", "organization", "org", "单位"),
    "specialities": ("specialities", "special", "专长"),
    "languages": ("languages", "语言"),
    "mode": ("mode", "交通方式"),
    "duty": ("duty", "值班状态"),
    "device": ("device", "device_id", "设备号"),
    "device_datum": ("device_datum", "dev_datum", "设备坐标系"),
    "telephone": ("telephone", "phone", "mobile", "联系电话", "电话", "手机"),
    "division": ("division", "所属区划", "网格编码"),
    "force": ("force", "force_id"),
    "at": ("at", "time", "timestamp", "时间"),
    "speed": ("speed_mps", "速度"),
}  # fmt: skip
"""Column names of each field, used without an explicit mapping. They include the names of exported Shapefiles."""
MOMENTS = (
    ("occurred_at", "occurred_date", "occurred_time"),
    ("closed_at", "closed_date", "closed_time"),
    ("starts_at", "starts_date", "starts_time"),
)
"""Fields of one moment each: all of it, its day, its time of day."""
_REMARK = re.compile(r"(?<=.)[(\[].*?[)\]]$")


@cache
def plain_name(column: str) -> str:
    """Return a column's name as it is compared: half-width, in lower case, without spaces, marks and a last remark.

    `经度（°） *` and `经　度：` are both 经度.
    """
    text = "".join(unicodedata.normalize("NFKC", column).casefold().split()).strip("*:")
    return _REMARK.sub("", text).strip("*:")


@cache
def _known() -> frozenset[str]:
    return frozenset(plain_name(name) for names in ALIASES.values() for name in names)


def is_known(column: str) -> bool:
    """Return whether a text is the name of any field's column."""
    return plain_name(column) in _known()
