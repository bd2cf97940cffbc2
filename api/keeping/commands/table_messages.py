"""Messages of tables: their text, columns, rows and values, in English and Chinese, by code."""

from collections.abc import Mapping

TABLE_MESSAGES: Mapping[str, tuple[str, str]] = {
    "rows.good": (
        "{good} of {rows} rows have no problem: --skip-bad REJECTS.csv stores them, and writes the others to that file",
        "{rows} 行中有 {good} 行没有问题：加 --skip-bad REJECTS.csv 先入库这些行，其余写入该文件",
    ),
    "rows.rejected": (
        (
            "not stored, because of problems: {rows} rows, written to {file}; "
            "mend and import them without --header, --sheet and --encoding"
        ),
        "有问题的 {rows} 行未入库，已写入 {file}：改好后再导入该文件（不要加 --header、--sheet 和 --encoding）",
    ),
    "rows.would_be_rejected": (
        "would not be stored, because of problems: {rows} rows; the import writes them to {file}",
        "有问题的 {rows} 行不会入库；正式导入时写入 {file}",
    ),
    "rejects.unwritable": (
        "{file} cannot be written ({reason}); name a new file",
        "无法写入 {file}（{reason}）：请写一个新的文件名",
    ),
    "date_format.unknown": (
        "{value}: give dmy, mdy, ymd, 1904 or a pattern such as %d.%m.%Y",
        "{value}：请写 dmy、mdy、ymd、1904，或 %d.%m.%Y 之类的格式",
    ),
    "header.elsewhere": (
        "the column names seem to be in row {row}, below “{first}”: give --header {row}, or the right row",
        "列名似乎在第 {row} 行（其上为“{first}”）：请加 --header {row}，或写明实际的行",
    ),
    "header.no_such_row": ("--header: row {row} is missing or empty", "--header：第 {row} 行不存在或为空"),
    "table.empty": ("no rows", "没有数据行"),
    "table.too_many_rows": ("more than {limit} rows: split the file", "超过 {limit} 行：请拆分文件"),
    "table.too_many_cells": (
        "more than {limit} filled cells: remove columns, or split the file",
        "已填单元格超过 {limit} 个：请删去多余的列或拆分文件",
    ),
    "table.too_many_columns": (
        "{found} columns, more than {limit}: remove unneeded ones",
        "列数 {found}，超过 {limit}：请删去不需要的列",
    ),
    "table.column_name_long": ("a column's name is longer than {limit} characters", "列名超过 {limit} 个字符"),
    "row.not_text": ("text or a number that cannot be stored", "含无法保存的文字或数字"),
    "table.column_twice": ("columns with the same name: {columns}", "列名重复：{columns}"),
    "columns.unused_columns": ("columns not used: {columns}", "未使用的列：{columns}"),
    "columns.unnamed": (
        "rows with values in columns without a name, not used: {rows}",
        "{rows} 行在无列名的列中有值，未使用",
    ),
    "rows.hidden": (
        "hidden rows, read like the others: {rows} ({numbers})",
        "隐藏行 {rows} 行，已照常读取（第 {numbers} 行）",
    ),
    "rows.totals": (
        "totals and remarks, left out: {rows} rows ({numbers})",
        "合计、备注等 {rows} 行，未读入（第 {numbers} 行）",
    ),
    "cells.merged": (
        "merged cells: {ranges}, each filled in all of its rows",
        "合并单元格 {ranges} 处，已填入所含各行",
    ),
    "workbook.as_shown": (
        "values are those shown when the workbook was last saved; formulas and hidden rows are not told apart",
        "取值以工作簿最后保存时显示的为准；此格式不区分公式与隐藏行",
    ),
    "row.too_many_cells": (
        "more cells than the header's {columns}: a stray comma? Beyond the last column: {surplus}",
        "单元格多于表头的 {columns} 列，是否多了逗号？多出：{surplus}",
    ),
    "text.encoding": (
        "neither UTF-8, GB18030 nor Big5: give --encoding, such as --encoding windows-1252, or save it as UTF-8",
        "既非 UTF-8，也非 GB18030 或 Big5：请用 --encoding 写明编码（如 --encoding windows-1252），或另存为 UTF-8",
    ),
    "text.encoding_unknown": (
        "unknown encoding {encoding}: give the right one with --encoding, such as --encoding gb18030 or utf-8",
        "未知编码 {encoding}：请用 --encoding 写明，如 --encoding gb18030 或 utf-8",
    ),
    "text.encoding_differs": (
        "declared as {encoding}, but the text reads as {found}: give --encoding {found}, or --encoding {encoding}",
        "标明的编码是 {encoding}，文字却像 {found}：请用 --encoding {found} 或 --encoding {encoding} 指明",
    ),
    "text.encoding_unsure": (
        (
            "the encoding cannot be told: {encodings}, or another, such as windows-1252 of European programs; "
            "give it with --encoding, or save the file as UTF-8"
        ),
        ("无法判定编码：可能是 {encodings}，也可能是欧洲软件的 windows-1252 等；请用 --encoding 写明，或另存为 UTF-8"),
    ),
    "text.encoding_wrong": (
        "not {encoding} from line {line} on: give another --encoding, or leave it out",
        "自第 {line} 行起不是 {encoding}：请换用别的 --encoding，或不写",
    ),
    "text.damaged": (
        "{encoding} with broken characters, the first in line {line}: export the file again, or try --encoding",
        "{encoding} 文字有残缺字符，首见第 {line} 行：请重新导出，或用 --encoding 写明编码",
    ),
    "text.encoding_found": ("read as {encoding}", "按 {encoding} 编码读取"),
    "text.encoding_corrected": (
        "declared as {declared}, but read as {encoding}, which it is",
        "标明的编码是 {declared}，实为 {encoding}，已按后者读取",
    ),
    "text.garbled": (
        "“{value}” is garbled, and was probably “{likely}”: export the file again as UTF-8 from its source",
        "“{value}”是乱码，原文应为“{likely}”：请从原系统按 UTF-8 重新导出",
    ),
    "text.characters_lost": (
        "“{value}” has lost characters: export the file again as UTF-8 from its source",
        "“{value}”中有字符已丢失：请从原系统按 UTF-8 重新导出",
    ),
    "text.binary": ("not text: contains zero bytes", "不是文本：含零字节"),
    "text.control": (
        "invisible control characters: type the text again, or paste it as plain text",
        "含不可见的控制字符：请重新输入，或粘贴为纯文本",
    ),
    "text.too_long": ("longer than {limit} characters", "超过 {limit} 个字符"),
    "cell.formula": ("formula: copy the cells, and paste them as values", "公式：请复制后选择性粘贴为数值"),
    "cell.error": ("error value: correct it in the workbook", "错误值：请在表格中改正"),
    "text.error_values": (
        "text such as #N/A, read as it stands: {count} rows ({rows}); if a formula has failed there, correct it first",
        "{count} 行有 #N/A 一类的文字（第 {rows} 行），按原样读取；若是公式出错，请先改正",
    ),
    "coordinate.unreadable": (
        "{value}: not a longitude and a latitude; write 120.638,31.105 or 120°38'16.8\"E 31°6'18\"N",
        "{value}：不是经纬度；请写如 120.638,31.105 或 120°38′16.8″E 31°6′18″N",
    ),
    "coordinate.order": (
        "{value}: which one is the longitude? Give --map lonlat=COLUMN or --map latlon=COLUMN",
        "{value}：哪个是经度？请用 --map lonlat=列名（经度在前）或 --map latlon=列名（纬度在前）指明",
    ),
    "coordinate.invalid": ("{value}: invalid coordinate", "{value}：不是有效坐标"),
    "coordinate.swapped": (
        "{value}: longitude and latitude exchanged: run again with --swap-xy, which exchanges them",
        "{value}：经纬度颠倒：请加 --swap-xy 重新导入，即互换经纬度",
    ),
    "number.broken": ("{value}: not a number", "{value}：不是数字"),
    "number.not_finite": ("{value}: not a finite number", "{value}：不是有限数值"),
    "number.not_whole": ("{value}: not a whole number", "{value}：不是整数"),
    "number.out_of_range": ("{value}: not between {least} and {most}", "{value}：不在 {least} 与 {most} 之间"),
    "flag.unknown": ("{value}: neither yes nor no", "{value}：只能填“是”或“否”"),
    "calendar.broken": (
        "not a calendar that can be read; export it again as iCalendar (.ics)",
        "无法按日历读取；请重新导出为 iCalendar（.ics）",
    ),
    "time.broken": (
        "{value}: not a date and time; write 2026-03-01 08:30:00",
        "{value}：不是时间；请写如 2026-03-01 08:30:00",
    ),
    "time.ambiguous": (
        "{value}: day or month first? Give --date-format dmy, mdy or ymd",
        "{value}：日在前还是月在前？请用 --date-format 写明 dmy、mdy 或 ymd",
    ),
    "time.no_day": (
        "{value}: a time without a day; name the day's column with --map occurred_date=COLUMN (closed_date)",
        "{value}：只有时刻，没有日期；请用 --map occurred_date=列名（办结为 closed_date）指明日期列",
    ),
    "time.conflict": (
        "{value}: the columns name different days or times; leave one out with --set occurred_time= (or another field)",
        "{value}：几列的日期或时刻不一致；可用 --set occurred_time= 等不读其中一列",
    ),
    "time.column_unused": (
        "no time beside the day, but {columns} has times: --map occurred_time=COLUMN, or --set occurred_time= for none",
        "日期没有时刻，而“{columns}”是时刻：请加 --map occurred_time=列名；确不需要时加 --set occurred_time=",
    ),
    "time.joined": ("{field} is joined of the columns {columns}", "{field} 由 {columns} 几列合成"),
    "time.counted": (
        "times written as a count of days, from {year}; if that is wrong, format the cells as dates",
        "有以天数写成的时间，按 {year} 年起算；如有误，请把单元格设为日期格式",
    ),
    "time.naive": (
        "{value}: a time without a zone; give --timezone, such as --timezone Asia/Shanghai",
        "{value}：没有时区；请给出，例如 --timezone Asia/Shanghai",
    ),
    "time.not_once": (
        "{value}: ambiguous or missing because of a clock change; write the offset, 2026-03-01 08:30:00-07:00",
        "{value}：因调整时钟，该时刻重复或不存在；请写明时差，如 2026-03-01 08:30:00-07:00",
    ),
    "time.future": ("{value}: in the future", "{value}：晚于当前时间"),
    "time.past": ("{value}: before 1900", "{value}：早于 1900 年"),
    "time.out_of_order": ("{value}: before it occurred", "{value}：早于发生时间"),
}
