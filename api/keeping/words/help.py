"""Help of commands and options in Chinese, by the English text with its line ends as spaces."""

# ruff: noqa: E501 - a text and its Chinese stand side by side.

from collections.abc import Mapping
from types import MappingProxyType

HELP: Mapping[str, str] = MappingProxyType(
    {
        "Situational awareness and dispatch for a county's 综治中心. Settings are MAPLEBRIDGE_* variables.": (
            "县级综治中心的态势感知与指挥调度。设置项为 MAPLEBRIDGE_* 环境变量。"
        ),
        "Generate a county, serve it, and send live traffic through the HTTP interface, until Ctrl-C.": (
            "生成一个县并提供服务，通过 HTTP 接口送入实时事件，直到按下 Ctrl-C。"
        ),
        "Name or folder of a pack.": "地方包的名称或文件夹。",
        "The port to serve on.": "服务端口。",
        "Speed relative to real time.": "相对于实际时间的速度。",
        "End after this many minutes; by default, at Ctrl-C.": "运行这么多分钟后结束；默认直到按下 Ctrl-C。",
        "Serve the county over HTTP until SIGTERM or Ctrl-C; open requests are completed first.": (
            "通过 HTTP 提供服务，直到收到 SIGTERM 或按下 Ctrl-C；先处理完已开始的请求。"
        ),
        "Build the road graph by which travel times are reckoned.": "构建路网，行程时间据此计算。",
        "Build or bring the map that the county's lines stand on.": "构建或导入垫在本县界线之下的底图。",
        "Use a file of finished tiles: pictures as the raster map, layers as `build` makes them as the basemap.": (
            "使用现成的瓦片文件：图片作为栅格底图，与 `build` 所建图层相同的作为矢量底图。"
        ),
        "Tiles: FILE.mbtiles or FILE.pmtiles.": "瓦片文件：FILE.mbtiles 或 FILE.pmtiles。",
        "Datum of the tiles: wgs84 or cgcs2000.": "瓦片的坐标系：wgs84 或 cgcs2000。",
        "Who made them, as it stands on maps; by default, as the file says.": (
            "注明在地图上的署名；默认取文件中的说明。"
        ),
        "Build the basemap from an OpenStreetMap extract. If it is refused, the old one stays.": (
            "用 OpenStreetMap 摘取文件构建底图。若被拒绝，则保留原有底图。"
        ),
        "Build the graph from an OpenStreetMap extract. If it is refused, the old one stays.": (
            "用 OpenStreetMap 摘取文件构建路网。若被拒绝，则保留原有路网。"
        ),
        (
            "Make up streets and water along the lines of a generated county, and build basemap and graph from them. A "
            "basemap or a graph that is there already stays."
        ): "沿所生成的界线生成道路与水系，并据此构建底图和路网。已有的底图或路网保留不变。",
        "An OpenStreetMap extract: FILE.osm.pbf.": "OpenStreetMap 摘取文件：FILE.osm.pbf。",
        "Migrate the database to this program's version: completely, or not at all.": (
            "把数据库升级到本程序的版本：要么全部完成，要么完全不变。"
        ),
        "Check everything that the server needs. Exits with 1 if any check fails.": (
            "检查服务器所需的一切。有一项不合格即以 1 退出。"
        ),
        "Write a layer to a file that `maplebridge import` reads again: GeoPackage, GeoJSON, Shapefile (zip), KML, "
        "FlatGeobuf, CSV or XLSX.": (
            "把图层写成 `maplebridge import` 可再次读取的文件：GeoPackage、GeoJSON、Shapefile（zip）、KML、"
            "FlatGeobuf、CSV 或 XLSX。"
        ),
        "Layer to export.": "要导出的图层。",
        "File to write; its extension chooses the format: .gpkg .geojson .zip .kml .fgb .csv .xlsx .json.": (
            "要写出的文件；格式由扩展名决定：.gpkg .geojson .zip .kml .fgb .csv .xlsx .json。"
        ),
        "Datum of the file's coordinates.": "文件坐标的基准。",
        "Export only this division's rows.": "只导出该区划的行。",
        "Boundaries and hotspots as of this day; incidents that occurred on it.": (
            "边界和热点为当天的状态；事件为当天发生的事件。"
        ),
        "Level of grids in the county's pack.": "网格在地方包中的层级。",
        "Send a county's traffic to a server: reports at yearly rates, positions, task steps, operators, and rounds.": (
            "向服务器发送一个县的实时事件：按地方包年上报量的事件、位置、任务进度、坐席操作和巡查。"
        ),
        "Token of a user of role source.": "角色为 source 的用户的令牌。",
        "Token of a user of role gateway.": "角色为 gateway 的用户的令牌。",
        "Token of a user of role operator, for --seats.": "角色为 operator 的用户的令牌，供 --seats 使用。",
        "Token of a user of role planner, for rounds.": "角色为 planner 的用户的令牌，供模拟巡查使用。",
        "Token of a user of role patrol, for rounds.": "角色为 patrol 的用户的令牌，供模拟巡查使用。",
        "Address of the server.": "服务器地址。",
        "First send closed incidents of this many days.": "先发送这么多天的已办结事件。",
        "Simulated operators, who handle a share of the incidents.": "模拟坐席的人数，由他们处理一部分事件。",
        "Id of a force to leave to a person; may be repeated.": "留给真人操作的力量的编号；可多次给出。",
        "Seed of the random traffic.": "随机事件的种子。",
        "End after the history.": "历史事件发送完毕即结束。",
        "Send recorded incidents or positions through the HTTP interface, at the recorded pace times --speed. "
        "Incidents: source, external_no, category, title, description, lon, lat, occurred_at, risk. Positions: force or "
        "device, at, lon, lat, speed_mps, heading. CSV, Parquet, NDJSON, XLSX and GIS files.": (
            "通过 HTTP 接口按记录的节奏乘以 --speed 发送记录下来的事件或位置。"
            "事件：source、external_no、category、title、description、lon、lat、occurred_at、risk。"
            "位置：force 或 device、at、lon、lat、speed_mps、heading。可用 CSV、Parquet、NDJSON、XLSX 和 GIS 文件。"
        ),
        "The recording.": "记录文件。",
        "Token of a user of role source or gateway.": "角色为 source 或 gateway 的用户的令牌。",
        "Speed relative to the recording.": "相对于记录的速度。",
        "Give up after this many seconds without a response.": "这么多秒没有响应即放弃。",
        "`now`: the time of sending; `keep`: the recorded time.": "`now`：发送时的时间；`keep`：记录的时间。",
        "Content of the file, if its columns do not show it.": "文件的内容，从列名看不出来时使用。",
        "Datum of its coordinates: wgs84 (also CGCS2000), gcj02 or bd09.": (
            "坐标的基准：wgs84（包括 CGCS2000）、gcj02 或 bd09。"
        ),
        "Time zone of times without one, such as Asia/Shanghai.": "不带时区的时间所属时区，如 Asia/Shanghai。",
        "Import one row for each value of this column, at its rows' median point.": (
            "该列每个值导入一行，位置为其各行的中位点。"
        ),
        "Layer or sheet, if the file has several.": "图层或工作表，文件有多个时使用。",
        "Column of a field.": "字段所在的列。",
        "Value of a field for all rows.": "字段在所有行中的值。",
        "Replace a value of the file.": "替换文件中的值。",
        "Write the whole database and all attachments to FILE, as of one moment. The server may keep running.": (
            "把整个数据库和全部附件在同一时刻的内容写入 FILE。服务器可以继续运行。"
        ),
        "The backup file; an existing one is replaced.": "备份文件；已有的会被替换。",
        "Replace the database's contents by those of FILE: completely, or not at all. Stop the server first. "
        "Attachments of FILE are added to those that are there.": (
            "用 FILE 替换数据库的内容：要么全部完成，要么完全不变。请先停止服务器。FILE 中的附件会加到已有的附件中。"
        ),
        "A file made by `maplebridge backup`.": "由 `maplebridge backup` 生成的文件。",
        "Recount hotspots from all incidents. The server may keep running; reports wait for some seconds.": (
            "按全部事件重新统计热点。服务器可以继续运行；上报会等待数秒。"
        ),
        "Print the OpenAPI document. Needs no server and no database.": "输出 OpenAPI 文档。不需要服务器和数据库。",
        "Manage users, and tokens of programs.": "管理用户和程序的令牌。",
        "Add a user. Prompts for the password, or reads it from standard input if that is no terminal.": (
            "新增用户。提示输入密码；标准输入不是终端时从标准输入读取。"
        ),
        "Lower case; can never be given to another person later.": "小写；以后不能再给另一个人使用。",
        "One of operator, patrol, planner, clerk, handler, interviewer, leader, supervisor, admin, auditor, source, "
        "gateway, wall.": (
            "以下之一：operator、patrol、planner、clerk、handler、interviewer、leader、supervisor、admin、auditor、"
            "source、gateway、wall。"
        ),
        "Display name.": "显示名称。",
        "Code of the division they work in; the whole county by default.": "所属区划的编码；默认为整个本地区。",
        "Code of a patrol's force, whose tasks it receives; required for a patrol.": (
            "巡防账号所属力量的编码，接收该力量的任务；巡防账号必填。"
        ),
        "Code of a source that it may report under; repeat it for several. See `users sources`.": (
            "可用的来源编码；多个来源请多次给出。见 `users sources`。"
        ),
        "For a program, which uses a token.": "用于使用令牌的程序。",
        "List all users: name, role, division, whether disabled, a patrol's force, and the sources they report under.": (
            "列出全部用户：名称、角色、区划、是否停用、巡防账号所属力量，以及可用的来源。"
        ),
        "Change a user's password and sign them out everywhere.": "修改用户的密码，并使其在各处退出登录。",
        "Assign a patrol to another force and sign its screens out; its tokens stay valid.": (
            "把巡防账号改派给另一支力量，其屏幕退出登录；令牌仍然有效。"
        ),
        "The force's code.": "力量的编码。",
        "Set the sources that a user may report under. Reports under any other are refused.": (
            "设定用户可用的来源。用其他来源上报将被拒绝。"
        ),
        "Codes of the pack's sources; none takes all away.": "地方包中的来源编码；不给出则全部取消。",
        "Disable a user at once. Records of their work keep their name.": "立即停用用户。其工作记录保留姓名。",
        "Enable a disabled or locked-out user.": "重新启用已停用的用户。",
        "Print a bearer token for a program. It is shown only once; only a digest is stored.": (
            "为程序输出一个持有者令牌。只显示一次；系统只保存摘要。"
        ),
        "Days until it expires.": "有效天数。",
        "A note on its purpose.": "用途说明。",
        "Check a pack, and show its content.": "检查地方包，并显示其内容。",
        "Move running cases that began under an older version of the county's flow to its present one.": (
            "将按旧版流程受理、仍在办理的案件转入现行流程。"
        ),
        "Only say what would become of each case.": "只说明各案件会如何变化。",
        "Report the errors of a pack by file and line, with status 1, or confirm that it is valid.": (
            "按文件和行号报告地方包的错误并返回状态 1，或确认没有问题。"
        ),
        "Show a pack's levels, stages, clocks, limits, forces, units, case flow and roles.": (
            "显示地方包的层级、环节、时限计时、限值、力量、单位、办理流程和角色。"
        ),
        "Import the areas of sectors' networks: sector, code, name, organisation, worker, worker_code, the pack's counts, "
        "polygons. Replaces the whole network of each sector in the file.": (
            "导入部门网格的片区：sector、code、name、organisation、worker、worker_code、地方包中的计数项，以及面。"
            "文件中各条线的网格整体替换。"
        ),
        "Import units of the register: code, kind, name, name_en, division, parent, hours, telephone, services (a;b), "
        "specialities, attendance, running, lon, lat. Updates known codes; a unit without a place is on no map.": (
            "导入名册单位：code、kind、name、name_en、division、parent、hours、telephone、services（a;b）、specialities、"
            "attendance、running、lon、lat。已有编码则更新；没有坐标的单位不上图。"
        ),
        "Import counts by grid: division, households, premises, enterprises, counted_on (today). Never persons.": (
            "按网格导入基数：division、households（户数）、premises（场所数）、enterprises（企业数）、counted_on（默认今天）。"
            "只有数量，不涉及个人。"
        ),
        "Import lines as a new plan: what differs from today's lines becomes operations, to be reviewed and published.": (
            "把界线导入为新方案：与今日界线的差别化为各步操作，待审核和发布。"
        ),
        "Title of the plan.": "方案名称。",
        "Account of the planner who draws it.": "绘制方案的规划员账号。",
        "Code of the division whose lines it redraws; default the whole county.": (
            "要重划界线的区划编码；默认全辖区。"
        ),
        "Sector of rows that name none, by code or name.": "没有条线一栏的行所属的条线，编码或名称均可。",
        "First day of this network; default today.": "该网格的生效日；默认今天。",
        "Width in metres from which on borders are reported to disagree.": "边界相差超过此宽度（米）即报告不一致。",
        "Grids, cameras, places, incidents, forces and networks of sectors from files: GeoPackage, GeoJSON, Shapefile "
        "(zip), KML, KMZ, CSV, XLSX, Parquet, FlatGeobuf, MapInfo. Checked row by row; stored completely or not at all.": (
            "从文件导入网格、摄像头、场所、事件、力量和部门网格：GeoPackage、GeoJSON、Shapefile（zip）、KML、KMZ、CSV、"
            "XLSX、Parquet、FlatGeobuf、MapInfo。逐行校验；整体入库或整体退回。"
        ),
        "Import divisions of one level. The first file of a new county also makes the root, as their union.": (
            "导入一个层级的区划。新地区的第一个文件同时合成本地区边界。"
        ),
        "The file.": "文件。",
        "Level of the grids in the county's pack; default the only one below the root.": (
            "网格在地方包中的层级；默认为根以下唯一的层级。"
        ),
        "Code of the parent, for rows without one.": "没有上级的行所用的上级编码。",
        "First day of these boundaries; default today.": "这些边界的生效日；默认今天。",
        "End lower divisions that no longer fit into a redrawn boundary.": "终止不再适合新边界的下级区划。",
        "Derive the codes from the names.": "由名称生成编码。",
        "Mend gaps and overlaps up to this width, and invalid polygons; no border moves further.": (
            "修补不超过此宽度的空隙和重叠，以及无效的面；边界移动不超过此值。"
        ),
        "Join rows of the same code into one grid.": "把编码相同的行合并为一个网格。",
        "Cut grids that are drawn over another one out of it.": "把画在另一网格之上的网格从后者中挖出。",
        "Where to draw faults of borders; default FILE.faults.geojson.": (
            "边界问题画在何处；默认 FILE.faults.geojson。"
        ),
        "Coordinate system of a file that declares none, or a wrong one.": "没有声明或声明有误的文件的坐标系。",
        "Exchange x and y: the file has latitude, or northing, first.": "互换 x、y：文件中纬度（或北坐标）在前。",
        "Encoding of the text, if the file does not tell: utf-8, gb18030, big5, …": (
            "文本编码，文件未说明时使用：utf-8、gb18030、big5 等"
        ),
        "Row with the column names, below a title; default the first.": "标题之下列名所在的行；默认第一行。",
        "Check and report everything, and store nothing.": "校验并报告全部内容，不入库。",
        "Print the report as JSON.": "以 JSON 输出报告。",
        "Import cameras: code, name, owner, heading, fov_deg, range_m, level, ptz, online, said_at, division, lon, lat. "
        "Updates known codes.": (
            "导入摄像头：code、name、owner、heading、fov_deg、range_m、level、ptz、online、said_at、division、lon、lat。\n\n"
            "编码已知的予以更新。"
        ),
        "Import routes of rounds, a row a point: division (its grid), route, name, lon, lat. Updates known ones.": (
            "导入巡查路线，一行一个点位：division（所属网格）、route、name、lon、lat。已有路线会更新。"
        ),
        "Import key areas as polygons: code, kind, name, division. Updates known codes.": (
            "导入重点区域的面：code、kind、name、division。编码已知的予以更新。"
        ),
        "Store the good rows, and write the others with their problems to this new file.": (
            "合格的行入库，其余连同问题写入这个新文件。"
        ),
        "Import centres and stations: code, kind, name, name_en, division, lon, lat. Updates known codes.": (
            "导入中心和站点：code、kind、name、name_en、division、lon、lat。编码已知的予以更新。"
        ),
        "Import incidents: source, external_no, category, title, description, lon, lat, occurred_at, closed_at, risk,"
        " language.": (
            "导入事件：source、external_no、category、title、description、lon、lat、occurred_at、closed_at、risk、language。"
        ),
        "Incidents without a closing time: close those that are history by their age, keep all open, or close all.": (
            "没有办结时间的事件：办结其中已成历史的、全部保持未办结，或全部办结。"
        ),
        "Store incidents without a number though this file was stored before.": (
            "文件曾经入库时，仍导入没有编号的事件。"
        ),
        "Order of dates that leave it open: dmy, mdy, ymd, or a pattern as %d.%m.%Y.": (
            "次序不明的日期的次序：dmy、mdy、ymd，或 %d.%m.%Y 之类的格式。"
        ),
        "Import forces: code, name, kind, organisation, specialities (a;b), languages, mode, duty, device, division, "
        "lon, lat. Updates known codes.": (
            "导入力量：code、name、kind、organisation、specialities（a;b）、languages、mode、duty、device、division、"
            "lon、lat。编码已知的予以更新。"
        ),
        "Assign forces whose home is outside the county to this division.": "把驻地在本地区以外的力量归入该区划。",
        "List imports: time, account, kind, datum, file, beginning of its SHA-256, and rows by outcome.": (
            "列出导入记录：时间、账号、种类、坐标基准、文件、SHA-256 的开头，以及按结果分类的行数。"
        ),
        "Number of entries, newest first.": "条数，最新的在前。",
    }
)
