"""Messages about borders and polygons of imported grids, in English and Chinese, by code."""

BORDER_MESSAGES: dict[str, tuple[str, str]] = {
    "geometry.invalid": (
        "invalid polygon ({reason}): --repair 0 makes it valid, which changes its area by {square_metres} m²",
        "多边形无效（{reason}）：加 --repair 0 可自动修复，面积变化 {square_metres} 平方米",
    ),
    "geometry.made_valid": (
        "invalid polygons made valid: {count}; rows {rows}",
        "已修复 {count} 个无效多边形：第 {rows} 行",
    ),
    "geometry.lines_dropped": (
        "collections of which only the polygons were read: {count}; rows {rows}",
        "{count} 个几何集合只取其中的多边形：第 {rows} 行",
    ),
    "geometry.rings_dropped": (
        "rings of fewer than three different points left out: {count}; rows {rows}",
        "已去掉 {count} 个不足三个不同点的环：第 {rows} 行",
    ),
    "grid.overlaps": (
        "{code} overlaps {other}: {width_m} m wide, {length_m} m long, {square_metres} m², at {lon},{lat}",
        "{code} 与 {other} 重叠：宽 {width_m} 米，长 {length_m} 米，{square_metres} 平方米，位于 {lon},{lat}",
    ),
    "grid.outside_parent": (
        (
            "{code} extends beyond its parent {other}: {width_m} m wide, {length_m} m long, {square_metres} m², at "
            "{lon},{lat}"
        ),
        "{code} 超出上级 {other}：宽 {width_m} 米，长 {length_m} 米，{square_metres} 平方米，位于 {lon},{lat}",
    ),
    "grid.leaves_child": (
        (
            "{code} does not contain all of {other} below it: {width_m} m wide, {length_m} m long, {square_metres} m², "
            "at {lon},{lat}; --end-below ends {other} on the same day"
        ),
        (
            "{code} 未包住下级 {other}：宽 {width_m} 米，长 {length_m} 米，{square_metres} 平方米，位于 {lon},{lat}；"
            "加 --end-below 则 {other} 同日终止"
        ),
    ),
    "grid.moves_too_far": (
        (
            "{code} cannot be mended within {limit_m} m: its border would move by {width_m} m; give a "
            "larger --repair, or "
            "correct it in a GIS"
        ),
        "{code} 无法在 {limit_m} 米内修补：边界须移动 {width_m} 米；请加大 --repair，或在 GIS 中修改",
    ),
    "grids.cut_enclaves": (
        "{count} grids lie within another that has no hole for them: --cut-enclaves cuts them out of it",
        "{count} 个网格位于另一网格之内，而后者未留出空洞：可用 --cut-enclaves 从中挖去",
    ),
    "grids.enclaves_cut": (
        "grids cut out of those around them: {count}; {codes}",
        "已从外围网格中挖去的网格 {count} 个：{codes}",
    ),
    "grids.repair": (
        "run again with --repair {repair}: it mends all {narrow} faults, and moves no border by more than that",
        "请加 --repair {repair} 重新导入：可修补全部 {narrow} 处，边界移动不超过该值",
    ),
    "grids.redraw": (
        (
            "correct the {wide} overlaps and overhangs wider than {widest} m in a GIS, the widest first: "
            "they are listed "
            "below"
        ),
        "请在 GIS 中修改宽于 {widest} 米的 {wide} 处重叠或越界，最宽的在前：见下列各处",
    ),
    "grids.redraw_and_repair": (
        (
            "correct the {wide} overlaps and overhangs wider than {widest} m in a GIS, the widest first; then --repair "
            "{repair} mends the other {narrow}"
        ),
        "请先在 GIS 中修改宽于 {widest} 米的 {wide} 处（最宽的在前），其余 {narrow} 处可加 --repair {repair} 修补",
    ),
    "grids.merge_parts": (
        (
            "repeated codes: {count}, {codes}; if they are parts of one grid, run again with --merge-parts, else name "
            "a column that tells them apart with --map code=COLUMN"
        ),
        (
            "重复的编码 {count} 个：{codes}；若同一编码的多行是一个网格的各部分，请加 --merge-parts 重新导入，"
            "否则请用 --map code=列名 另指编码列"
        ),
    ),
    "grids.no_columns": (
        "the file has polygons only: add a column with their codes in a GIS, and import it again",
        "文件只有多边形：请在 GIS 中添加编码列后再导入",
    ),
    "grids.likely_codes": (
        (
            "no column is called code: run again with {proposal}, if those are the codes; else give --map code=COLUMN; "
            "columns: {columns}"
        ),
        "没有名为“编码”的列：若编码如下，请加 {proposal} 重新导入；否则请用 --map code=列名 指明；现有列：{columns}",
    ),
    "grids.no_codes": (
        (
            "no column has the codes: give --map code=COLUMN, or derive them from names with --codes-from-names --map "
            "name=COLUMN; columns: {columns}"
        ),
        "没有编码列：请用 --map code=列名 指明，或用 --codes-from-names --map name=列名 由名称生成；现有列：{columns}",
    ),
    "codes.merged": (
        "rows of one code joined into one grid: {count} codes, {codes}",
        "同一编码的多行已合并为一个网格：{count} 个编码，{codes}",
    ),
    "code.parts_differ": (
        "{value} has another {what} than row {first}: parts of one grid agree",
        "{value} 的 {what} 与第 {first} 行不同：同一网格的各部分须一致",
    ),
    "grid.mended_overlap": (
        "mended: {grid} overlapped {other}, {width_m} m wide, {length_m} m long, at {lon},{lat}",
        "已修补：{grid} 与 {other} 重叠，宽 {width_m} 米，长 {length_m} 米，位于 {lon},{lat}",
    ),
    "grid.mended_gap": (
        "mended: gap between {grid} and {other}, {width_m} m wide, {length_m} m long, at {lon},{lat}",
        "已修补：{grid} 与 {other} 之间的缝隙，宽 {width_m} 米，长 {length_m} 米，位于 {lon},{lat}",
    ),
    "grid.mended_outside": (
        "mended: {grid} extended beyond {other}, {width_m} m wide, {length_m} m long, at {lon},{lat}",
        "已修补：{grid} 超出 {other}，宽 {width_m} 米，长 {length_m} 米，位于 {lon},{lat}",
    ),
    "grids.moved": (
        (
            "borders below {parent}: {mended} faults mended and {snapped} below the tolerance snapped; no "
            "border moved by "
            "more than {millimetres} mm"
        ),
        "{parent} 以下的边界：修补 {mended} 处，容差以内自动贴合 {snapped} 处；边界移动不超过 {millimetres} 毫米",
    ),
    "report.drawn": ("faults of borders drawn in {file}: {count}", "边界问题已绘入 {file}：{count} 处"),
    "report.not_drawn": (
        "faults of borders not drawn: cannot write {file} ({reason}); give --faults another place",
        "边界问题未绘出：无法写入 {file}（{reason}）；请用 --faults 另指位置",
    ),
    "grid.ends_below": (
        (
            "{other} below {grid} ends on the same day: outside would be {width_m} m wide, {length_m} m long, "
            "{square_metres} m²"
        ),
        "{grid} 的下级 {other} 同日终止：界外部分宽 {width_m} 米，长 {length_m} 米，{square_metres} 平方米",
    ),
    "grid.gap": (
        (
            "{parent} is not filled: {gaps} gaps, {square_metres} m² in all, the widest {width_m} m wide and "
            "{length_m} m long, beside {grid}, at {lon},{lat}"
        ),
        (
            "{parent} 未被完全覆盖：空隙 {gaps} 处，共 {square_metres} 平方米，最宽处宽 {width_m} 米、"
            "长 {length_m} 米，在 {grid} 旁，位于 {lon},{lat}"
        ),
    ),
    "grid.slits": (
        (
            "slits between grids of {parent}: {gaps}, the widest {width_m} m, {length_m} m long, between {grid} and "
            "{other}, at {lon},{lat}; --repair {repair} closes them"
        ),
        (
            "{parent} 各网格之间有缝隙 {gaps} 处，最宽 {width_m} 米，长 {length_m} 米，在 {grid} 与 {other} 之间，位于 "
            "{lon},{lat}；加 --repair {repair} 可闭合"
        ),
    ),
}
