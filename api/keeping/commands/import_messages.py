"""Messages of imports and exports, in English and Chinese, by code."""

from collections import defaultdict
from collections.abc import Mapping

from api.keeping.commands.border_messages import BORDER_MESSAGES
from api.keeping.commands.draft_messages import DRAFT_MESSAGES
from api.keeping.commands.geometry_messages import GEOMETRY_MESSAGES
from api.keeping.commands.network_messages import NETWORK_MESSAGES
from api.keeping.commands.table_messages import TABLE_MESSAGES
from ingest.files.problems import Problem

LONGEST, LONGEST_VALUE = 300, 150
MESSAGES: dict[str, tuple[str, str]] = {
    **TABLE_MESSAGES,
    **BORDER_MESSAGES,
    **DRAFT_MESSAGES,
    **GEOMETRY_MESSAGES,
    **NETWORK_MESSAGES,
    "report.kept": ("stored", "已入库"),
    "report.rehearsed": ("dry run: every row is valid, nothing was stored", "演练：全部可以入库，未入库"),
    "report.refused": ("refused, nothing stored; problems: {count}", "已拒绝，一行未入库；问题 {count} 处"),
    "report.more": ("… and {more} more", "……另有 {more} 处"),
    "report.group": (
        "{field} in {count} rows: {rows}; the first of them:",
        "{field} 共 {count} 行：{rows}；其中前几行：",
    ),
    "incidents.stored_before": (
        (
            "this file was stored on {day}, and {count} of its incidents have no external_no: they would be stored a "
            "second time; if these are others, of another sheet for example, give --again"
        ),
        (
            "该文件已于 {day} 入库，其中 {count} 件没有 external_no，再次导入会重复；"
            "若本次是另外的行（如另一工作表），请加 --again"
        ),
    ),
    "incidents.closed_by_import": (
        "{count} incidents over {days} days old have no closing time: closed as history; --open keep leaves them open",
        "{count} 件发生已逾 {days} 天而无办结时间：按历史记录办结；若仍须办理，请用 --open keep",
    ),
    "incidents.all_closed": (
        "{count} incidents without a closing time: closed by the import, as --open close says",
        "{count} 件无办结时间：按 --open close 由导入办结",
    ),
    "incidents.kept_open": (
        "{count} incidents are older than {days} days and stay open, as --open keep says: they are in the hall's queue",
        "{count} 件发生已逾 {days} 天，按 --open keep 保持未办结：已列入待办",
    ),
    "export.written": ("rows written: {rows}; coordinates in {datum}", "已写出 {rows} 行；坐标基准 {datum}"),
    "export.ending": ("the file's extension chooses the format: {endings}", "文件扩展名决定格式：{endings}"),
    "export.cannot_hold": (
        "not written: {format} holds {limit} of {field}; {rows} rows are longer, first row {first}; use GeoPackage",
        "未写出：{format} 的 {field} 至多 {limit}，有 {rows} 行超长，首见第 {first} 行：请改用 GeoPackage",
    ),
    "export.not_dated": ("{layer} have no dates: leave out --day", "{layer} 没有日期：请去掉 --day"),
    "export.too_demanding": (
        "not written: needs more than {megabytes} MB of memory or {seconds} s; narrow it with --division or --day",
        "未写出：所需内存超过 {megabytes} MB 或时间超过 {seconds} 秒：请用 --division 或 --day 缩小范围",
    ),
    "export.line_ends": (
        "texts whose carriage returns became line feeds, as the format requires: {texts}",
        "{texts} 处文字的回车改为换行：该格式只认换行",
    ),
    "datum.missing": (
        "give --datum: wgs84 (surveys, GPS), gcj02 (Amap, Tencent) or bd09 (Baidu); a wrong datum is 500 m off",
        "请用 --datum 说明坐标基准：wgs84（测绘、GPS）、gcj02（高德、腾讯）或 bd09（百度）；猜错会偏移数百米",
    ),
    "datum.differs": (
        "the file declares its coordinates as {said}, but --datum is {given}",
        "文件写明坐标基准为 {said}，而 --datum 为 {given}",
    ),
    "level.which": ("give the level of the grids: {levels}", "请指明网格的层级：{levels}"),
    "datum.unknown": ("the datum must be wgs84, gcj02 or bd09", "坐标基准只能是 wgs84、gcj02 或 bd09"),
    "file.missing": ("there is no such file", "没有这个文件"),
    "file.not_a_file": ("not a regular file, but a folder, pipe or device", "不是普通文件，而是目录、管道或设备"),
    "file.too_large": ("larger than {limit} bytes: split it", "超过 {limit} 字节：请拆分"),
    "file.too_demanding": ("exceeds a limit", "超出限额"),
    "file.too_demanding.memory": (
        "needs more than {most} MB of memory: split it, or save it as GeoPackage or CSV",
        "所需内存超过 {most} MB：请拆分，或另存为 GeoPackage 或 CSV",
    ),
    "file.too_demanding.processor_time": (
        "needs more than {most} s of processor time: split it, or save it as GeoPackage or CSV",
        "所需处理器时间超过 {most} 秒：请拆分，或另存为 GeoPackage 或 CSV",
    ),
    "file.too_demanding.disk": (
        "needs more than {most} MB of disk while it is read: split it",
        "读取时占用磁盘超过 {most} MB：请拆分",
    ),
    "file.too_demanding.open_files": (
        "needs more than {most} open files: save it as GeoPackage or CSV",
        "同时打开的文件超过 {most} 个：请另存为 GeoPackage 或 CSV",
    ),
    "file.too_demanding.waiting": (
        "not read within {most} s, because the machine is too busy: try again later",
        "{most} 秒内未能读完，因为本机过于繁忙：请稍后重试",
    ),
    "file.encrypted": (
        "protected by a password: remove it, and save the workbook again",
        "工作簿设有密码：请取消密码后另存",
    ),
    "file.web_archive": (
        "a web archive: open it in Excel or WPS, and save it as .xlsx",
        "网页存档格式：请用 Excel 或 WPS 打开并另存为 .xlsx",
    ),
    "file.which_sheet": (
        "several sheets have rows: choose one with --sheet: {sheets}",
        "多张工作表都有数据：请用 --sheet 指明一张：{sheets}",
    ),
    "file.unknown_format": (
        "unknown format: save it as XLSX or CSV, or boundaries as GeoPackage or GeoJSON",
        "无法识别的格式：请另存为 XLSX 或 CSV，边界请存为 GeoPackage 或 GeoJSON",
    ),
    "file.unreadable": ("cannot be opened: incomplete or not of this format", "无法打开：文件不完整或格式不符"),
    "file.no_such_layer": ("no layer {layer}; there are {layers}", "没有图层 {layer}；现有 {layers}"),
    "file.which_layer": ("choose a --layer: {layers}", "请用 --layer 指明图层：{layers}"),
    "file.too_many_vertices": (
        "{found} vertices, more than {limit}: simplify the boundaries, or split the file",
        "顶点 {found} 个，超过 {limit}：请简化边界或拆分文件",
    ),
    "csv.broken": ("unbalanced quotes, or a corrupt line", "引号不配对或该行损坏"),
    "incident.differs": (
        "rows whose number is known with other values, noted in the timelines alone: {rows} ({numbers})",
        "{rows} 行的编号已登记，内容不同（第 {numbers} 行）：已记入流转记录，原内容未改",
    ),
    "json.broken": ("not JSON", "不是合法 JSON"),
    "json.not_features": ("feature collection without features", "没有 features"),
    "json.not_an_object": ("not an object", "不是对象"),
    "xml.document_type": (
        "DTD or entity declarations are refused: save the file without them",
        "含 DTD 或实体声明，一律拒绝：请另存为不含它们的文件",
    ),
    "xml.broken": ("invalid XML at line {line}", "XML 在第 {line} 行损坏"),
    "xml.too_deep": ("nested deeper than {limit}", "嵌套超过 {limit} 层"),
    "kml.network_link": (
        "network links are never fetched: open the file in a GIS and save its features",
        "含网络链接，一律不下载：请在 GIS 中打开并保存实际要素",
    ),
    "xlsx.broken": (
        "corrupt workbook: open it in Excel or WPS, and save it as .xlsx",
        "工作簿已损坏：请用 Excel 或 WPS 打开并另存为 .xlsx",
    ),
    "xlsx.active_content": ("macros: {entry}; save it as .xlsx without them", "含宏：{entry}；请另存为不含宏的 .xlsx"),
    "gpkg.broken": ("corrupt GeoPackage", "GeoPackage 已损坏"),
    "gpkg.wal": (
        "open in another program, with the latest edits in the -wal file beside it; close it there, or zip both",
        "文件正被其他程序打开：最新修改在旁边的 -wal 文件里；请在 QGIS 中关闭工程后再试，或将两个文件打包为一个 zip",
    ),
    "gpkg.trigger": ("contains a trigger: {name}; export the layer again", "含触发器：{name}；请重新导出图层"),
    "gpkg.view": ("contains a view: {name}; export the layer again", "含视图：{name}；请重新导出图层"),
    "gpkg.virtual_table": (
        "contains a virtual table: {name}; export the layer again",
        "含虚拟表：{name}；请重新导出图层",
    ),
    "shapefile.part_missing": (
        "the {part} file is missing: put .shp, .shx, .dbf, .prj and .cpg into one zip, and import that",
        "缺少 {part} 文件：请把 .shp、.shx、.dbf、.prj、.cpg 打包为一个 zip 再导入",
    ),
    "parquet.broken": ("corrupt Parquet file", "Parquet 已损坏"),
    "zip.broken": ("corrupt archive", "压缩包已损坏"),
    "zip.bomb": ("too large when unpacked: unpack and check it yourself", "解压后超限：请自行解压检查"),
    "zip.too_large": ("larger than {limit} bytes", "超过 {limit} 字节"),
    "zip.too_many_entries": ("{found} entries, more than {limit}", "条目 {found} 个，超过 {limit}"),
    "zip.nested": ("archive within the archive: {entry}; unpack it first", "压缩包内含压缩包：{entry}；请先解压"),
    "zip.symlink": ("symbolic link: {entry}; pack the file itself", "含链接：{entry}；请打包文件本身"),
    "zip.encrypted": ("encrypted: {entry}; decrypt it first", "已加密：{entry}；请先解密再打包"),
    "zip.unsafe_path": ("path leads out of the archive: {entry}", "路径越界：{entry}"),
    "zip.contents": (
        "must contain one Shapefile, one KML or one table; contains {shapefiles}, {kml} and {tables}",
        "应只含一个 Shapefile、一个 KML 或一个表格；现有 {shapefiles}、{kml} 和 {tables} 个",
    ),
    "map.no_such_field": ("no such field; there are {fields}", "没有这个字段；现有 {fields}"),
    "map.no_such_column": ("no column {column}; there are {columns}", "没有列 {column}；现有 {columns}"),
    "map.which_column": (
        "several columns have this name: {columns}; choose one with --map",
        "有几列都是此名：{columns}；请用 --map 指明一列",
    ),
    "point.outside": ("{value}: outside the county; is the datum right?", "{value}：位于辖区之外；坐标基准是否正确？"),
    "route.no_grid": ("no grid has the code {value}", "没有编码为 {value} 的网格"),
    "route.outside": ("outside the grid of its route", "位于路线所属网格之外"),
    "route.too_long": ("a route has at most {most} points", "一条路线最多 {most} 个点位"),
    "grids.level_missing": ("give a --level", "请用 --level 指明层级"),
    "grids.level_unknown": ("no level {level} below the root; there are {levels}", "没有层级 {level}；现有 {levels}"),
    "county.missing": (
        "the county {root} has no boundary yet: import its grids first",
        "辖区 {root} 尚无边界：请先导入网格",
    ),
    "field.missing": ("missing", "缺失"),
    "field.no_column": (
        "no column has this name; there are: {columns}; give --map {name}=COLUMN, or --set {name}=VALUE for all rows",
        "没有对应的列；现有：{columns}；请用 --map {name}=列名 指明，或用 --set {name}=值 为各行统一填写",
    ),
    "code.invalid": (
        (
            "{value}: letters, digits and _ only, 32 at most; write another, give --value '{name}:{value}=CODE', or "
            "derive codes of grids: --set code= --codes-from-names --map name=COLUMN"
        ),
        (
            "{value}：只能用字母、数字和 _，至多 32 个；请改写，或用 --value '{name}:{value}=编码' 指明；"
            "网格也可由名称生成：--set code= --codes-from-names --map name=列名"
        ),
    ),
    "code.rounded": (
        "{value}: rounded by a spreadsheet, which keeps 15 digits: format the column as text, and enter the codes anew",
        "{value}：表格软件只保留 15 位数字，编码已失真：请将该列设为文本格式后重新录入",
    ),
    "code.is_root": (
        "{value} is the code of the county itself: leave the row out, or give another column with --map code=COLUMN",
        "{value} 是本辖区自身的编码：请删去该行，或用 --map code=列名 另指编码列",
    ),
    "code.other_level": ("{value} is already the code of a {level}", "{value} 已是{level}一级的编码"),
    "code.twice": ("{value} is repeated", "{value} 重复"),
    "device.taken": (
        "{value} belongs to {other}, which is not in the file: add it, or give another device",
        "{value} 属于 {other}，而文件未列出后者：请一并列入，或换用别的设备号",
    ),
    "device.twice": ("{value} is repeated", "{value} 重复"),
    "external_no.twice": ("{value} is repeated", "{value} 重复"),
    "parent.unknown": ("no parent {value}", "没有上级 {value}"),
    "parent.changes": (
        "the boundary of {value} changes on {day}: give --valid-from {day} or later",
        "{value} 的边界将于 {day} 变更：请用 --valid-from {day} 或更晚的日期",
    ),
    "division.unknown": ("no division {value}", "没有区划 {value}"),
    "source.unknown": (
        (
            "the pack has no source {value}; add it to [[reports.sources]], "
            "or map it with --value 'source:{value}=CODE'; there are: {known}"
        ),
        "没有来源 {value}；请加入地方包的 [[reports.sources]]，或用 --value 'source:{value}=编码' 指明；现有：{known}",
    ),
    "category.unknown": (
        (
            "no category {value}; map it with --value 'category:{value}=CODE', or make it an alias in the pack; "
            "there are: {known}"
        ),
        "没有类别 {value}；可用 --value 'category:{value}=编码' 指明，或在地方包中列为别名；现有：{known}",
    ),
    "risk.unknown": (
        "no risk {value}; map it with --value 'risk:{value}=CODE'; there are: {known}",
        "没有风险等级 {value}；可用 --value 'risk:{value}=编码' 指明；现有：{known}",
    ),
    "kind.unknown": (
        "no kind {value}; map it with --value 'kind:{value}=CODE'; there are: {known}",
        "没有类别 {value}；可用 --value 'kind:{value}=编码' 指明；现有：{known}",
    ),
    "hours.unknown": ("no opening hours {value}; there are: {known}", "没有开放时间 {value}；现有：{known}"),
    "services.unknown": ("no service {value}; there are: {known}", "没有服务事项 {value}；现有：{known}"),
    "attendance.unknown": (
        "attendance must be resident, rotating or on_call, not {value}",
        "入驻方式为常驻、轮驻或随叫随驻，不是 {value}",
    ),
    "centre.twice": (
        "its division has the centre {value} already: give another kind, or that code",
        "该区划已有中心 {value}：请改类别，或用该编码",
    ),
    "counts.finer": (
        "parts of {value} have counts of their own, which are added up: give counts of those",
        "{value} 的下级已有统计数并自动汇总：请填下级的统计数",
    ),
    "division.twice": ("{value} is repeated", "{value} 重复"),
    "mode.unknown": ("no mode of travel {value}; there are: {known}", "没有交通方式 {value}；现有：{known}"),
    "duty.unknown": ("duty must be on, on_call or off, not {value}", "值班状态为在岗、随叫、备勤或离岗，不是 {value}"),
    "device_datum.unknown": (
        "the datum must be wgs84, gcj02 or bd09, not {value}",
        "坐标基准只能是 wgs84、gcj02 或 bd09，不是 {value}",
    ),
    "specialities.unknown": ("no category or class {value}; there are: {known}", "没有类别 {value}；现有：{known}"),
    "language.unknown": ("no language {value}; there are: {known}", "没有语言 {value}；现有：{known}"),
    "languages.unknown": ("no language {value}; there are: {known}", "没有语言 {value}；现有：{known}"),
    "incident.outside": ("outside the county", "位于辖区之外"),
    "incident.swapped": ("longitude and latitude exchanged", "经纬度颠倒"),
    "incident.range": ("invalid coordinate", "不是有效坐标"),
    "incident.taken": ("the number belongs to another division", "该编号属于其他区划"),
}


COUNTS = {
    "rows": "行数",
    "added": "新增",
    "changed": "更新",
    "unchanged": "未变",
    "closed": "由导入办结",
    "begun": "启用",
    "ended": "停用",
    "kept": "沿用",
    "rejected": "退回",
}
"""Outcomes of rows in Chinese; in English the keys are shown."""


def counts_text(counts: Mapping[str, int], *, chinese: bool) -> str:
    """List a file's rows by outcome."""
    return ("，" if chinese else ", ").join(f"{COUNTS[name] if chinese else name} {n}" for name, n in counts.items())


def message_of(problem: Problem, *, chinese: bool) -> str:
    """Return the problem's message, or its code and params if it has none."""
    messages = MESSAGES.get(f"{problem.code}.{problem.params.get('limit')}") or MESSAGES.get(problem.code)
    if messages is None:
        return f"{problem.code} {printable(dict(problem.params) or '')}".strip()
    params = {"field": problem.field or "", **problem.params}
    longest = defaultdict(lambda: LONGEST, value=LONGEST_VALUE)  # Some messages show a file's value twice.
    values = defaultdict(str, {name: printable(value, longest[name]) for name, value in params.items()})
    return messages[chinese].format_map(values).removeprefix(": ").removeprefix("：")


def printable(value: object, longest: int = LONGEST) -> str:
    """Make a file's value safe for a terminal: replace control characters and cut it at `longest` of them."""
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:longest])
    return plain if len(text) <= longest else f"{plain}…"
