"""Messages of commands about roads, basemaps, messages of tasks and the broker in Chinese, by the English text."""

# ruff: noqa: E501 - a text and its Chinese stand side by side.

from collections.abc import Mapping
from types import MappingProxyType

MAP_MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        # ── messages of tasks ──
        "web push": "网页推送",
        "none; MAPLEBRIDGE_PUSH_CONTACT turns it on": "无；设置 MAPLEBRIDGE_PUSH_CONTACT 即可开启",
        "its key cannot be read or kept": "密钥无法读取或保存",
        "Delete push.key in the data folder, or restore it; phones subscribe anew under another one.": (
            "请恢复数据目录中的 push.key，或将其删除；密钥更换后，手机会重新订阅。"
        ),
        "each phone proves it; services: {hosts}": "由每部手机自行证实；推送服务：{hosts}",
        "hook of tasks": "任务外发接口",
        "none; MAPLEBRIDGE_TASKS_HOOK_URL names one": "无；可用 MAPLEBRIDGE_TASKS_HOOK_URL 指定",
        "{host} takes messages": "{host} 可接收消息",
        "Check the gateway, the way to it and the secret; until then, no messages of tasks go out.": (
            "请检查网关、网络和密钥；在此之前，任务消息不会发出。"
        ),
        "{host} has not taken a test: {fault}": "{host} 未接收测试消息：{fault}",
        # ── the broker ──
        "broker": "消息中间件",
        "none, as one server needs none; MAPLEBRIDGE_NATS_URL names one": "无，单个进程不需要；可用 MAPLEBRIDGE_NATS_URL 指定",
        "NATS at {host} carries messages": "{host} 上的 NATS 可传送消息",
        "NATS at {host} does not answer: {fault}": "{host} 上的 NATS 无响应：{fault}",
        "Start nats-server, or check MAPLEBRIDGE_NATS_URL; until then, servers read the database instead.": (
            "请启动 nats-server，或检查 MAPLEBRIDGE_NATS_URL；在此之前，各服务进程直接读取数据库。"
        ),
        # ── roads ──
        "roads": "路网",
        "making up the county's streets and water": "正在生成本县的道路与水系",
        "checking the file": "正在检查文件",
        "building the graph": "正在构建路网",
        "comparing it with the county's grids": "正在与本县网格比对",
        "there are no grids yet: the roads are not compared with them": "尚无网格：未与网格比对",
        "{ways} roads, graph {version}": "{ways} 条道路，路网 {version}",
        "estimates by straight line; `maplebridge roads build` makes travel times by road": (
            "按直线距离估算；用 `maplebridge roads build` 可按道路计算行程时间"
        ),
        "estimates by straight line: there is no road library for this Python": (
            "按直线距离估算：此 Python 没有路网程序库"
        ),
        "{library}, graph {version} of {day}, {ways} roads": "{library}，{day} 的路网 {version}，{ways} 条道路",
        "the server at {url}": "{url} 的服务器",
        "the server at {url} does not answer: {reason}": "{url} 的服务器没有响应：{reason}",
        "Start the Valhalla server, or unset MAPLEBRIDGE_ROADS_URL; until then, times are estimates.": (
            "请启动 Valhalla 服务器，或取消 MAPLEBRIDGE_ROADS_URL；在此之前为估算时间。"
        ),
        "the graph cannot be used": "路网无法使用",
        "Build it again with `maplebridge roads build`; until then, times are estimates.": (
            "请用 `maplebridge roads build` 重新构建；在此之前为估算时间。"
        ),
        "no roads were built, and those in use stay: ": "未构建路网，原有路网不变：",
        "there is no file {file}.": "没有文件 {file}。",
        "{file} is no OpenStreetMap file in PBF format, or is damaged. Fetch it again, as FILE.osm.pbf.": (
            "{file} 不是 PBF 格式的 OpenStreetMap 文件，或已损坏。请重新获取 FILE.osm.pbf。"
        ),
        "{file} ends too early. Fetch or copy it again.": "{file} 不完整。请重新下载或复制。",
        "{file} has the id {id}: ids must be positive. Renumber it with `osmium renumber` after making them so.": (
            "{file} 中有编号 {id}：编号必须为正数。请改正后用 `osmium renumber` 重新编号。"
        ),
        "{file} is not sorted, or has a thing twice (id {id}). Sort it with `osmium sort`.": (
            "{file} 未排序，或有重复对象（编号 {id}）。请用 `osmium sort` 排序。"
        ),
        "{count} points of roads are not in {file}, the first is {example}. Cut the extract with `osmium extract "
        "--strategy complete_ways`.": (
            "{file} 缺少道路的 {count} 个点，第一个是 {example}。请用 `osmium extract --strategy complete_ways` 截取。"
        ),
        "{file} has no roads.": "{file} 中没有道路。",
        "{file} needs more memory or time than a file may take. Cut the county out of it with `osmium extract`.": (
            "{file} 所需内存或时间超过限制。请用 `osmium extract` 截取本县范围。"
        ),
        "{far} of {grids} grids are farther than {metres} m from any of its roads: it is another county's, or has too "
        "few roads to go by.": (
            "{grids} 个网格中有 {far} 个距其任何道路超过 {metres} 米：这是别处的文件，或道路太少，无法使用。"
        ),
        "the builder failed ({exit}). Please report it, with the file's source.": (
            "构建程序失败（{exit}）。请连同文件来源一并报告。"
        ),
        "there is no road library for this Python. Use Python 3.11 or newer on x86-64, or a Valhalla server with "
        "MAPLEBRIDGE_ROADS_URL.": (
            "此 Python 没有路网程序库。请在 x86-64 上使用 Python 3.11 或更新版本，"
            "或用 MAPLEBRIDGE_ROADS_URL 指定 Valhalla 服务器。"
        ),
        # ── basemap ──
        "raster map": "栅格底图",
        "{credit}, {layers} layers from {hosts}": "{credit}，共 {layers} 层，来自 {hosts}",
        "none; MAPLEBRIDGE_RASTER_URLS or `maplebridge basemap use` gives one": (
            "无；可设置 MAPLEBRIDGE_RASTER_URLS，或用 `maplebridge basemap use` 导入"
        ),
        "Give it again with `maplebridge basemap use`; until then, maps are without it.": (
            "请用 `maplebridge basemap use` 重新导入；在此之前地图上没有栅格底图。"
        ),
        "MAPLEBRIDGE_RASTER_URLS comes before it: unset it to see the file's": (
            "MAPLEBRIDGE_RASTER_URLS 优先：取消该设置才会显示此文件"
        ),
        "{credit}, basemap {version}": "{credit}，底图 {version}",
        "tiles in {datum} lie hundreds of metres beside the county's lines and cannot be shifted. Bring some in WGS-84 or "
        "CGCS2000.": "{datum} 的瓦片与本县界线相差数百米，无法纠偏。请改用 WGS-84 或 CGCS2000 的瓦片。",
        "{file} is no MBTiles file and no PMTiles file of version 3, or has no tiles.": (
            "{file} 不是 MBTiles 文件或第 3 版 PMTiles 文件，或其中没有瓦片。"
        ),
        "tile {tile} of {file} is no PNG, JPEG or WebP.": "{file} 中的瓦片 {tile} 不是 PNG、JPEG 或 WebP。",
        "{file} has the vector layers {found}, which maps cannot draw. They must be {wanted}, as `maplebridge basemap "
        "build` makes them of an OpenStreetMap extract; or bring pictures.": (
            "{file} 的矢量图层为 {found}，地图无法绘制。图层须为 {wanted}，即 `maplebridge basemap build` "
            "由 OpenStreetMap 摘取文件所构建的；也可改用图片瓦片。"
        ),
        "{file} has the zooms {least}–{most}. It must have {wanted}.": "{file} 的级别为 {least}–{most}，须有 {wanted} 级。",
        "{file} does not say who made it. Say so with --credit: it stands on every map.": (
            "{file} 未说明制作者。请用 --credit 写明署名：它会注明在每张地图上。"
        ),
        "{far} of {grids} grids lie outside of its tiles: it is another county's.": (
            "{grids} 个网格中有 {far} 个在其瓦片范围之外：这是另一个县的文件。"
        ),
        "Check the settings of raster tiles, the key and the way out; until then, maps are without it.": (
            "请检查栅格瓦片的各项设置、密钥和外网出口；在此之前地图上没有栅格底图。"
        ),
        "the raster map cannot be used": "栅格底图无法使用",
        "{credit}, version {version}, zooms {zooms}": "{credit}，版本 {version}，{zooms} 级",
        "basemap": "底图",
        "drawing the basemap": "正在绘制底图",
        "cut off by the extract's border: {incomplete}, of which water closed along it: {closed}": (
            "被截取边界切断的图形：{incomplete} 个，其中沿边界闭合的水面：{closed} 处"
        ),
        "{things} things drawn, basemap {version}": "已绘制 {things} 个对象，底图 {version}",
        "none; `maplebridge basemap build` makes one of roads, water and buildings": (
            "无；用 `maplebridge basemap build` 可绘制道路、水系和建筑物"
        ),
        "the basemap cannot be used": "底图无法使用",
        "Build it again with `maplebridge basemap build`; until then, maps are without it.": (
            "请用 `maplebridge basemap build` 重新构建；在此之前地图上没有底图。"
        ),
        "version {version} of {day}, {things} things": "{day} 的数据，版本 {version}，{things} 个对象",
        "no basemap was built, and the one in use stays: ": "未构建底图，原有底图不变：",
    }
)
