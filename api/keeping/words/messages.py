"""Messages of commands in Chinese, by the English text."""

# ruff: noqa: E501 - a text and its Chinese stand side by side.

from collections.abc import Mapping
from types import MappingProxyType

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        # ── doctor ──
        "ok   {name}: {detail}": "正常  {name}：{detail}",
        "BAD  {name}: {detail}\n     fix: {remedy}": "异常  {name}：{detail}\n      处理：{remedy}",
        "python": "Python",
        "county": "地方包",
        "calendar": "工作日历",
        "disk": "磁盘",
        "front end": "前端",
        "port": "端口",
        "postgresql": "PostgreSQL",
        "database": "数据库",
        "server": "数据库服务器",
        "encoding": "编码",
        "postgis": "postgis",
        "ltree": "ltree",
        "btree_gist": "btree_gist",
        "postgis version": "postgis 版本",
        "clock": "时钟",
        "migrations": "数据库版本",
        "role": "角色",
        "row-level security": "行级安全",
        "spatial indexes": "空间索引",
        "owner": "所有者",
        "backup": "备份",
        "Install Python 3.11 or newer.": "请安装 Python 3.11 或更新版本。",
        "Mend the pack (`maplebridge packs check` looks at it alone), or name another in MAPLEBRIDGE_COUNTY.": (
            "请更正地方包（`maplebridge packs check` 可单独检查），或在 MAPLEBRIDGE_COUNTY 中指定另一个。"
        ),
        "Give {user} write permission there, or change MAPLEBRIDGE_DATA_DIR.": (
            "请给 {user} 该处的写权限，或更改 MAPLEBRIDGE_DATA_DIR。"
        ),
        "cannot write in {folder}: {reason}": "无法写入 {folder}：{reason}",
        "Free at least {gigabytes} GB, or change MAPLEBRIDGE_DATA_DIR.": (
            "请至少腾出 {gigabytes} GB，或更改 MAPLEBRIDGE_DATA_DIR。"
        ),
        "{gigabytes:.1f} GB free at {folder}": "{folder} 可用 {gigabytes:.1f} GB",
        "days off until {year}": "放假安排至 {year} 年",
        "the days off of {year} are missing: due times in it are provisional": "缺少 {year} 年放假安排：该年时限为暂定",
        "cannot read {file}: {reason}": "无法读取 {file}：{reason}",
        "Put the notice of the State Council into MAPLEBRIDGE_CALENDAR_DIR, one TOML file each; see docs/clocks.md.": "把国务院办公厅的放假通知放入 MAPLEBRIDGE_CALENDAR_DIR，每份一个 TOML 文件；见 docs/clocks.md。",
        "built in {folder}": "已构建于 {folder}",
        "there is no {file}": "没有 {file}",
        "Run ./maplebridge demo or serve, which build it first.": "请运行 ./maplebridge demo 或 serve，它们会先行构建。",
        "{where} is free": "{where} 可用",
        " Ignore this if Maplebridge itself is running there.": "若是本系统正在该端口运行，则不必理会。",
        "{major} with PostGIS in {folder}": "{major}，带 PostGIS，位于 {folder}",
        "connected as {user}": "已以 {user} 身份连接",
        "the private cluster cannot use {file}: {reason}": "私有数据库无法使用 {file}：{reason}",
        "Repair the folder, or change MAPLEBRIDGE_DATA_DIR.": "请修复该文件夹，或更改 MAPLEBRIDGE_DATA_DIR。",
        "Correct MAPLEBRIDGE_DATABASE_URL.": "请更正 MAPLEBRIDGE_DATABASE_URL。",
        "Start the database server, or correct MAPLEBRIDGE_DATABASE_URL.": (
            "请启动数据库服务器，或更正 MAPLEBRIDGE_DATABASE_URL。"
        ),
        "Upgrade it to {major} or newer.": "请升级到 {major} 或更新版本。",
        "unknown": "未知",
        "missing": "缺少",
        "Create the database again with ENCODING 'UTF8' (docs/settings.md): names are Chinese.": (
            "名称为中文，请用 ENCODING 'UTF8' 重新创建数据库（docs/settings.zh-CN.md）。"
        ),
        "As a superuser of this database: {statements}": "以该数据库的超级用户执行：{statements}",
        "As a superuser: {statements}": "以超级用户执行：{statements}",
        "As their owner: {statements}": "以其所有者执行：{statements}",
        "Upgrade PostGIS to 3.3 or newer.": "请把 PostGIS 升级到 3.3 或更新版本。",
        "{here:%Y-%m-%d %H:%M:%S} UTC, {seconds:.1f} s from the database's": (
            "{here:%Y-%m-%d %H:%M:%S} UTC，与数据库相差 {seconds:.1f} 秒"
        ),
        "Set the clocks by NTP (chrony).": "请用 NTP（chrony）校准时钟。",
        "Install the newer program that migrated this database.": "请安装升级过该数据库的新版程序。",
        "Run ./maplebridge migrate; demo migrates by itself.": "请运行 ./maplebridge migrate；demo 会自行升级。",
        "at {found}, wanted {wanted}": "现为 {found}，应为 {wanted}",
        "Set MAPLEBRIDGE_DATABASE_URL to a role that is no superuser, has no BYPASSRLS and owns no table.": (
            "请把 MAPLEBRIDGE_DATABASE_URL 设为非超级用户、没有 BYPASSRLS、不拥有表的角色。"
        ),
        "{user} bypasses row-level security or owns the tables": "{user} 不受行级安全约束，或拥有这些表",
        "{user}; MAPLEBRIDGE_MIGRATION_DATABASE_URL is not set here": (
            "{user}；此处未设置 MAPLEBRIDGE_MIGRATION_DATABASE_URL"
        ),
        "{user} owns no table and is bound by row-level security": "{user} 不拥有表，受行级安全约束",
        "not forced on {tables}": "以下表未强制启用：{tables}",
        "forced on every table with a division": "带有区划的表均已强制启用",
        "not for {functions}": "不适用于 {functions}",
        "behind row-level security": "在行级安全之下可用",
        "the two URLs lead to different databases": "两个地址指向不同的数据库",
        "Correct MAPLEBRIDGE_MIGRATION_DATABASE_URL.": "请更正 MAPLEBRIDGE_MIGRATION_DATABASE_URL。",
        "{user} does not see every row, so `backup` refuses": "{user} 看不到全部的行，因此 `backup` 会拒绝执行",
        "its role sees every row": "该角色能看到全部的行",
        # ── the database ──
        "the database is {found}, this program needs {wanted}: run `./maplebridge migrate`": (
            "数据库版本为 {found}，本程序需要 {wanted}：请运行 `./maplebridge migrate`"
        ),
        "the database is {found}, this program supports up to {wanted}: install the newer program": (
            "数据库版本为 {found}，本程序最高支持 {wanted}：请安装新版程序"
        ),
        "the database lacks extensions; run as its superuser: {statements}\ndocs/settings.md lists what it needs.": (
            "数据库缺少扩展；请以其超级用户执行：{statements}\ndocs/settings.zh-CN.md 列出所需内容。"
        ),
        "empty": "空",
        "{version}: nothing to do": "{version}：无需升级",
        "{file}: restored": "{file}：已恢复",
        "{member} in the backup is damaged. The database was not changed.": "备份中的 {member} 已损坏。数据库未作更改。",
        "{count} files of attachments are not in the store, and not in the backup": (
            "附件库中缺少 {count} 个附件文件，备份中也没有"
        ),
        "{others} other connections: stop the server and all other clients of the database": (
            "另有 {others} 个连接：请停止服务器和数据库的其他客户端"
        ),
        "{rows} counts: a cell, a category and a quarter of an hour each": "{rows} 条统计：每条为一个格子、一个类别、一刻钟",
        "the database: {reason}": "数据库：{reason}",
        "Set MAPLEBRIDGE_MIGRATION_DATABASE_URL to the owner of the database.": (
            "请把 MAPLEBRIDGE_MIGRATION_DATABASE_URL 设为数据库的所有者。"
        ),
        "Make room on the database's disk and try again. Nothing was changed.": (
            "请在数据库的磁盘上腾出空间后重试。没有任何更改。"
        ),
        "Is it running, and is MAPLEBRIDGE_DATABASE_URL right? `maplebridge doctor` checks both.": (
            "它是否在运行？MAPLEBRIDGE_DATABASE_URL 是否正确？`maplebridge doctor` 会检查两者。"
        ),
        "the database does not respond; `maplebridge doctor` finds out why": (
            "数据库没有响应；`maplebridge doctor` 可查明原因"
        ),
        "initdb failed: {reason}": "initdb 失败：{reason}",
        "Fix that and try again.": "请排除后重试。",
        "PostgreSQL did not take its superuser's new password: {reason}": "PostgreSQL 未接受超级用户的新密码：{reason}",
        "PostgreSQL did not start: {reason}": "PostgreSQL 未能启动：{reason}",
        "Its log is in {folder}.": "日志在 {folder}。",
        "Nothing was changed.": "没有任何更改。",
        "{folder} belongs to another user.": "{folder} 属于另一个用户。",
        "Remove it, or run this as its owner.": "请删除它，或以其所有者身份运行。",
        "PostgreSQL {major}": "PostgreSQL {major}",
        "PostgreSQL {major} or newer": "PostgreSQL {major} 或更新版本",
        "There is no {wanted} with PostGIS on this machine.": "本机没有带 PostGIS 的 {wanted}。",
        "On Debian and Ubuntu: apt-get install postgresql postgis postgresql-postgis. On other systems install both with "
        "the package manager, or set MAPLEBRIDGE_DATABASE_URL to a server that has them.": (
            "在 Debian 和 Ubuntu 上：apt-get install postgresql postgis postgresql-postgis。"
            "在其他系统上，请用软件包管理器安装两者，或把 MAPLEBRIDGE_DATABASE_URL 设为已有两者的服务器。"
        ),
        "There is no {name} on this machine.": "本机没有 {name}。",
        "Install PostgreSQL's client programs.": "请安装 PostgreSQL 的客户端程序。",
        "PostgreSQL cannot run as root, and there is no account `postgres` to run it.": (
            "PostgreSQL 不能以 root 运行，而本机没有用于运行它的账号 `postgres`。"
        ),
        "Install the package postgresql, or run this as an ordinary user.": "请安装软件包 postgresql，或以普通用户运行。",
        "A backup must hold every row, and row-level security binds the tables' owner too: on a server of your own, give "
        "the role of MAPLEBRIDGE_MIGRATION_DATABASE_URL the attribute BYPASSRLS.": (
            "备份必须包含每一行，而行级安全也约束表的所有者：在自有服务器上，"
            "请给 MAPLEBRIDGE_MIGRATION_DATABASE_URL 的角色加上 BYPASSRLS 属性。"
        ),
        # ── settings, files, ports ──
        "{setting}: it must be JSON. docs/settings.md describes all settings.": (
            "{setting}：必须是 JSON。全部设置见 docs/settings.zh-CN.md。"
        ),
        "cannot use {file}: {reason}": "无法使用 {file}：{reason}",
        "{where}: {reason}. {remedy}": "{where}：{reason}。{remedy}",
        "Another program listens there: stop it, or choose another port with MAPLEBRIDGE_PORT.": (
            "另一个程序正在监听：请停止它，或用 MAPLEBRIDGE_PORT 选择另一个端口。"
        ),
        "Ports below 1024 need root: choose a higher one with MAPLEBRIDGE_PORT.": (
            "低于 1024 的端口需要 root：请用 MAPLEBRIDGE_PORT 选择更大的端口。"
        ),
        "MAPLEBRIDGE_HOST must be an address of this machine, such as 127.0.0.1 or 0.0.0.0.": (
            "MAPLEBRIDGE_HOST 必须是本机的地址，如 127.0.0.1 或 0.0.0.0。"
        ),
        "{timezone}: no such time zone": "{timezone}：没有这个时区",
        "{text} should be A=B": "{text} 应写作 A=B",
        "{text} should be FIELD:OLD=NEW": "{text} 应写作 FIELD:OLD=NEW",
        # ── users ──
        "{username} added": "已新增 {username}",
        "{username} has a new password": "{username} 的密码已修改",
        "{username} belongs to force {force}": "{username} 现属于力量 {force}",
        "{username} reports as {sources}": "{username} 可用的来源：{sources}",
        "{username} has no sources": "{username} 没有可用的来源",
        "{username} is disabled": "{username} 已停用",
        "{username} is enabled": "{username} 已启用",
        "disabled": "已停用",
        "Password": "密码",
        "no division has the code {code}; load the county before adding its users": (
            "没有编码为 {code} 的区划；请先导入本地区，再新增用户"
        ),
        "no force has the code {code}: use a code of an imported force, or import it first with "
        "`maplebridge import forces`": (
            "没有编码为 {code} 的力量：请使用已导入力量的编码，或先用 `maplebridge import forces` 导入"
        ),
        "the pack has no source {source} (it has: {known}); add it to [[reports.sources]] in its place.toml": (
            "地方包没有来源 {source}（现有：{known}）；请在 place.toml 的 [[reports.sources]] 中添加"
        ),
        "there is no user {username}; `maplebridge users list` lists all users": (
            "没有用户 {username}；`maplebridge users list` 列出全部用户"
        ),
        "user {username} exists already: choose another name": "用户 {username} 已存在：请换一个名称",
        "{username} is not a valid username: 2 to 32 of a-z, 0-9, dot, dash and underscore, beginning with a letter": (
            "{username} 不是有效的用户名：须为以字母开头、由 a-z、0-9、点、短横线和下划线组成的 2 至 32 个字符"
        ),
        "the label of {username}'s token is longer than 100 letters or has a character that nobody sees": (
            "{username} 的令牌说明超过 100 个字符，或含有不可见的字符"
        ),
        "there is no role {role}; the roles are {roles}": "没有角色 {role}；可用的角色：{roles}",
        "role {role} needs a force, and {username} has none: add `--force CODE`, with a code given to `maplebridge "
        "import forces`. An account in a pack takes a free force of its force_kind": (
            "角色 {role} 须属于一支力量，而 {username} 没有：请加 `--force CODE`，编码见 `maplebridge import forces` "
            "所用的文件。地方包中的账号取用其 force_kind 中空闲的力量"
        ),
        "role {role} has no force: omit --force, or give {username} the role patrol": (
            "角色 {role} 不属于任何力量：请去掉 --force，或让 {username} 使用角色 patrol"
        ),
        "this password is too weak: it needs {shortest} to {longest} characters, with {classes} of these four kinds: "
        "lower case, upper case, digits, others": (
            "密码太弱：须为 {shortest} 至 {longest} 个字符，并含小写字母、大写字母、数字、其他字符中的 {classes} 类"
        ),
        # ── packs, counties, demos ──
        "{pack} is in order": "{pack} 没有问题",
        "{moved} cases fit the present version, {stay} stay": "{moved} 起案件可转入现行流程，{stay} 起不能",
        "{code}: stays, the present version has no {name} {value}": "{code}：不能转入，现行流程没有 {name} {value}",
        "levels": "层级",
        "stages": "环节",
        "clocks": "时限",
        "limits": "限值",
        "forces": "力量",
        "answers": "响应规则",
        "packages": "处置编组",
        "spans go from 0 to 1440 minutes, in order and apart": "时段在 0 至 1440 分钟之间，按先后排列且互不相接",
        "name either each or total": "each 和 total 只写一个",
        "name the seats of towns, or the counties of a city": "请列出乡镇驻地，或市所辖各县",
        "no unit is the centre of the whole place: add one": "没有单位是全域的中心：请补上",
        "units": "单位",
        "flows of cases": "办理流程",
        "moves of cases": "办理操作",
        "limits of cases": "办理时限",
        "{each} posts each": "每个 {each} 岗",
        "{total} posts in all": "合计 {total} 岗",
        "roles": "账号角色",
        "the end": "终点",
        "first response within {minutes:g} min": "{minutes:g} 分钟内首次响应",
        "answered within {seconds:g} s": "{seconds:g} 秒内答复",
        "the same category within {metres:g} m and {minutes:g} min": "类别相同、相距 {metres:g} 米和 {minutes:g} 分钟以内",
        "stale after {seconds:g} s": "{seconds:g} 秒后视为过期",
        "{window} at {resolution} first; {windows} at {resolutions}": (
            "先显示 {window}、{resolution} 级；可选 {windows}，{resolutions} 级"
        ),
        "nobody": "无",
        "lead": "主办",
        "support": "协办",
        "observer": "列席",
        "{kind} of the category": "{kind}（该类别专长）",
        "{kind} of the class": "{kind}（该大类专长）",
        "{en} {zh}": "{zh} {en}",
        "the pack expects {pack} divisions of level {level}, the list of names has {names}: correct generator.counts in "
        "the pack": "地方包要求层级 {level} 有 {pack} 个区划，名称表中有 {names} 个：请更正地方包的 generator.counts",
        "{path}, the names of towns and villages, is missing: `./maplebridge demo` fetches it, or set "
        "MAPLEBRIDGE_NAMES_DIR": (
            "缺少乡镇和村名文件 {path}：`./maplebridge demo` 会获取它，或设置 MAPLEBRIDGE_NAMES_DIR"
        ),
        "the program ships no outline of {code}: change root.code in the pack, or import boundaries with `maplebridge "
        "import grids`": ("程序没有 {code} 的轮廓：请更改地方包的 root.code，或用 `maplebridge import grids` 导入边界"),
        "the pack {pack} has no traffic in a demo.toml, and reports are made up from that: add it (docs/packs.md), or "
        "send recorded ones with `maplebridge replay`": (
            "地方包 {pack} 的 demo.toml 中没有 traffic，无法据此生成事件：请添加（docs/packs.md），"
            "或用 `maplebridge replay` 发送记录下来的事件"
        ),
        "another demo is running in {folder}: end it with Ctrl-C, or give this one its own folder and port with "
        "MAPLEBRIDGE_DATA_DIR and --port": (
            "{folder} 中正在运行另一个演示：请用 Ctrl-C 结束它，"
            "或用 MAPLEBRIDGE_DATA_DIR 和 --port 给本演示单独的文件夹和端口"
        ),
        "starting the database": "正在启动数据库",
        "preparing the county: {en} {zh}": "正在准备：{zh}（{en}）",
        "opening the cases of the last days": "正在办理最近几天的案件",
        "starting the server; logs are in {logs}": "正在启动服务器；日志在 {logs}",
        "sending {days} days of closed incidents, for hotspots to compare with": (
            "正在送入 {days} 天的已办结事件，供热点比较"
        ),
        "{name} was killed; restarting it": "{name} 被强行结束；正在重新启动",
        "{name} ended with status {status}; from {log}:\n{last}": "{name} 以状态 {status} 结束；{log} 末尾：\n{last}",
        "{name} runs, but did not respond at {url} within {seconds} s; from {log}:\n{last}": (
            "{name} 在运行，但 {url} 在 {seconds} 秒内没有响应；{log} 末尾：\n{last}"
        ),
        # ── programs that send to a server ──
        "maplebridge: {url} responds again": "maplebridge：{url} 已恢复响应",
        "maplebridge: {url} does not respond ({reason}); retrying in {seconds:g} s": (
            "maplebridge：{url} 没有响应（{reason}）；{seconds:g} 秒后重试"
        ),
        # ── clocks and notices of a pack ──
        "a limit in working hours needs clocks.hours, or units with opening hours": (
            "以工作时计的时限需要 clocks.hours，或单位有开放时间"
        ),
        "a statutory limit has a law as its source": "法定时限的依据须为法律",
        "either a share, or an amount with its unit": "或写 share，或写 amount 及其 unit",
        "hours of a day stand in their order and apart from each other": "一天的各时段须按先后排列，互不重叠",
        "late is an amount with its unit: a share of the limit is over by then": "late 须写 amount 及其 unit：届时时限已全部用完",
        "no limit of cases runs by {code}: name it there, or leave it out": "没有案件时限使用 {code}：请在时限中引用，或删去",
        "no weekday has any hours: a limit in working time would never end": "没有一个工作日有办公时间：以工作时间计的时限将永无止境",
        "not like https://s3.example.cn/attachments": "不是 https://s3.example.cn/attachments 这样的地址",
        "not like https://platform.example.cn/notices": "不是 https://platform.example.cn/notices 这样的地址",
        "left out {rows} rows: {faults}": "略去 {rows} 行：{faults}",
    }
)
