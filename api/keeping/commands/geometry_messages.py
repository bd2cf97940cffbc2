"""Messages about coordinate systems and geometries of imported files, in English and Chinese, by code."""

GEOMETRY_MESSAGES: dict[str, tuple[str, str]] = {
    "crs.unknown": ("unknown coordinate system: {crs}", "未知坐标系：{crs}"),
    "crs.unsupported": (
        (
            "{crs} has no known transformation to WGS-84 here, and may lie 100 m beside: convert the file with local "
            "parameters first, or give --crs if it is declared wrongly"
        ),
        (
            "{crs} 在此处没有已知的转换参数，可能偏移上百米：请先用当地参数转换为 WGS-84 或 CGCS2000；"
            "若注明有误，请用 --crs 指明"
        ),
    ),
    "crs.rough": (
        (
            "{crs} can be converted to {metres} m only, worse than {worst} m: convert the file to WGS-84 with local "
            "parameters first"
        ),
        "{crs} 只能转换到 {metres} 米精度，低于要求的 {worst} 米：请先用当地转换参数转换为 WGS-84",
    ),
    "crs.elsewhere": (
        (
            "the coordinates lie outside the area of {crs} ({west} to {east}, {south} to {north}): give --swap-xy if x "
            "and y are exchanged, or --crs EPSG:CODE if it is another zone"
        ),
        (
            "坐标不在 {crs} 的适用范围（经度 {west} 至 {east}，纬度 {south} 至 {north}）：x、y 颠倒的请加 --swap-xy，"
            "带号有误的请用 --crs EPSG:编号 指明"
        ),
    ),
    "crs.projected": (
        "looks projected (x {x}, y {y}), and no coordinate system is declared: give it, such as --crs {proposal}",
        "坐标像是投影坐标（x {x}，y {y}），但文件未注明坐标系：请指明，例如 --crs {proposal}",
    ),
    "crs.projected_web": (
        (
            "looks projected (x {x}, y {y}), and no coordinate system is declared: give --crs EPSG:3857 if it was made "
            "for web maps, else --crs {proposal}"
        ),
        (
            "坐标像是投影坐标（x {x}，y {y}），但文件未注明坐标系：网络地图的数据请用 --crs EPSG:3857，"
            "否则用 --crs {proposal}"
        ),
    ),
    "crs.projected_bare": (
        (
            "looks projected (x {x}, y {y}), and no coordinate system is declared: ask where the file comes from and "
            "give it, such as --crs {proposal} (CGCS2000, 120° E) or --crs EPSG:32633 (UTM 33N)"
        ),
        (
            "坐标像是投影坐标（x {x}，y {y}），但文件未注明坐标系：请向提供方问明后用 --crs 指明，例如 --crs {proposal}"
            "（CGCS2000 三度带，中央经线 120°）"
        ),
    ),
    "crs.not_degrees_web": (
        (
            "looks projected (x {x}, y {y}), though the file declares {crs}: give --crs EPSG:3857 if it was made for "
            "web maps, else --crs {proposal}"
        ),
        (
            "坐标像是投影坐标（x {x}，y {y}），而文件注明的是 {crs}：网络地图的数据请用 --crs EPSG:3857，"
            "否则用 --crs {proposal}"
        ),
    ),
    "crs.not_degrees_bare": (
        (
            "looks projected (x {x}, y {y}), though the file declares {crs}: ask where it comes from and give the "
            "right one, such as --crs {proposal} (CGCS2000, 120° E) or --crs EPSG:32633 (UTM 33N)"
        ),
        (
            "坐标像是投影坐标（x {x}，y {y}），而文件注明的是 {crs}：请向提供方问明后用 --crs 指明，"
            "例如 --crs {proposal}（CGCS2000 三度带，中央经线 120°）"
        ),
    ),
    "geometry.other_system": (
        "EPSG:{found}, not degrees: give --crs EPSG:{found}",
        "坐标系为 EPSG:{found}，不是经纬度：请用 --crs EPSG:{found} 指明",
    ),
    "crs.degrees": (
        "the coordinates ({x}, {y}) are degrees, not metres of {crs}: leave out --crs, or give --crs EPSG:4326",
        "坐标（{x}，{y}）是经纬度，不是 {crs} 的平面坐标：请去掉 --crs，或改为 --crs EPSG:4326",
    ),
    "crs.not_degrees": (
        "looks projected (x {x}, y {y}), though the file declares {crs}: give the right one, such as --crs {proposal}",
        "坐标像是投影坐标（x {x}，y {y}），而文件注明的是 {crs}：请指明正确的坐标系，例如 --crs {proposal}",
    ),
    "crs.overridden": ("read as {given}, though the file declares {crs}", "按 {given} 读取，文件注明的是 {crs}"),
    "crs.transformed": (
        "converted from {crs} by {transformation}, accurate to {metres} m",
        "已由 {crs} 转换（{transformation}），标称精度 {metres} 米",
    ),
    "geometry.missing": ("no polygon", "没有多边形"),
    "geometry.broken": ("unreadable geometry", "几何无法读取"),
    "geometry.not_a_point": (
        "{found} instead of a point: save the file with one point for each row, such as its centroid",
        "应为点，实为 {found}：请改为每行一个点（如中心点）后另存",
    ),
    "geometry.not_a_polygon": (
        "{found} instead of a polygon: leave the row out, points go to `import places`",
        "应为多边形，实为 {found}：请删去该行；点状要素用 import places 导入",
    ),
    "geometry.too_deep": ("nested deeper than {limit}", "嵌套超过 {limit} 层"),
    "geometry.too_many_vertices": (
        "{found} vertices, more than {limit}: simplify the boundary",
        "顶点 {found} 个，超过 {limit}：请简化边界",
    ),
}
