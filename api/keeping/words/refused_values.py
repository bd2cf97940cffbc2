"""Texts of refused values of packs and settings in Chinese, by the English text."""

from collections.abc import Mapping
from types import MappingProxyType

REFUSED_VALUES: Mapping[str, str] = MappingProxyType(
    {
        "{pack}: this pack cannot be used": "{pack}：该地方包无法使用",
        "{name}: {reason}": "{name}：{reason}",
        "docs/settings.md says what each setting may be.": "各设置项的取值见 docs/settings.zh-CN.md。",
        "{text}": "{text}",
        # ── hints ──
        "; it belongs in {file}": "；该键应写在 {file} 中",
        "; did you mean {code}?": "；是否应为 {code}？",
        "; there are: {codes}": "；可用的有：{codes}",
        # ── files of a pack ──
        "a pack is a folder: name the one that holds place.toml and flow.toml": (
            "地方包是文件夹：请给出含 place.toml 和 flow.toml 的那个文件夹"
        ),
        "no pack and no folder of that name; the packs that ship: {known}": (
            "没有此名称的地方包或文件夹；随程序提供的地方包：{known}"
        ),
        "there is no such file: add it": "缺少该文件：请补上",
        "this is no UTF-8 text: save it as such": "不是 UTF-8 文本：请另存为 UTF-8",
        "no TOML: {reason}": "不是合法 TOML：{reason}",
        # ── keys and codes of a pack ──
        "there is no such key": "没有这个键",
        "this key is missing: add it": "缺少这个键：请补上",
        "should be a table: {{ {keys} }}": "应为表：{{ {keys} }}",
        "{alias} stands for {code} already: let it stand once": "{alias} 已是 {code} 的别名：请只保留一处",
        "{code} stands more than once: leave one of them": "{code} 重复：请只保留一处",
        "a patrol needs a force: add its force_kind": "巡防账号须有力量：请补上 force_kind",
        "lists need cases: add case": "月度清单需要案件流程：请补上 [case]",
        "indicators need cases: add case": "指标需要案件流程：请补上 [case]",
        "a rate counts some of its cases, and only a rate does: see counts": (
            "比率须写明其中计入哪些（counts），其他指标不写"
        ),
        "only a rate has a wider number: leave entire out": "只有比率可列出全部数：请删去 entire",
        "merged cases are counted, not compared: make it a count": "并案件只计数，不作比率：请改为 count",
        "a time is of cases that came or ended: change window": "时长只针对收到或办结的案件：请改 window",
        "no case meets both of and counts: {names}": "没有案件同时符合 of 和 counts：{names}",
        "entire is to take in all of of: {names}": "entire 须包含 of 的全部：{names}",
        "no level below the root is {level}: add it, or call the smallest areas so": (
            "根以下没有层级 {level}：请补上，或将最小的片区定为此层级"
        ),
        "{code} has another meaning here: choose another code": "{code} 在此另有含义：请换一个编码",
        "{value} is not among {among}": "{value} 不在 {among} 之中",
        "not a time zone of the IANA database": "不是 IANA 数据库中的时区",
        "there is no such role; there are: {roles}": "没有这个角色；可用的有：{roles}",
        # ── response packages ──
        "one slot of one force leads, and none is added that does": "须恰有一个主办名额、人数为 1，升级时不得再加主办",
        "no answer lets {kind} take the role {role} at {category} ({risk})": (
            "没有规则允许 {kind} 在 {category}（{risk}）中担任 {role}：请改 kinds 或 answers"
        ),
        # ── the case flow ──
        "nobody has this role: name access, posts or duties": "无人担任此角色：请写明 access、posts 或 duties",
        "accounts of the role {value} move no cases; these do: {roles}": (
            "{value} 账号不办理案件；可办理的有：{roles}"
        ),
        "nobody has this role: say where its people stand to the case": "无人担任此角色：请写明其与案件的关系 where",
        "nothing uses {code}: remove it": "没有用到 {code}：请删去",
        "no move is of the kind {kind}": "没有 {kind} 类的操作",
        "no flow has this move: its stages lie in none, or in different ones": (
            "没有流程含此操作：其环节不在任何流程中，或分属不同流程"
        ),
        "say in case.follow_up what is asked": "请在 case.follow_up 中写明回访内容",
        "only a follow_up move has this": "只有 follow_up 类操作有此键",
        "only these kinds are made by the server: {kinds}": "系统只能自动执行这些类操作：{kinds}",
        "the field {field} of the move {move} is missing or wrong": "操作 {move} 的字段 {field} 缺失或有误",
        "a {kind} move needs the field {code}": "{kind} 类操作须有字段 {code}",
        "a {kind} move cannot do without this field": "{kind} 类操作不能缺少此字段",
        "no stand_down move leaves the same stages: the wait could last for ever": (
            "没有从同一环节出发的 stand_down 操作：可能无限等待"
        ),
        "a choice, and nothing else, has choices or of": "只有 choice 类字段有 choices 或 of，且必须有其一",
        "this field holds codes of {among}: say of": "此字段取自 {among}：请写明 of",
        "a {kind} move and {stage} stages do not go together": "{kind} 类操作与 {stage} 类环节不能相配",
        "a flow begins with an open stage and has an end": "流程须以 open 环节开始，并有 end 环节",
        "{stage} cannot be reached in the flow {flow}": "流程 {flow} 中到不了环节 {stage}",
        "{stage} leads to no end in the flow {flow}": "流程 {flow} 中环节 {stage} 没有终点",
        "no flow or no lane fits incidents of the category {category}": "类别 {category} 的事件没有流程或通道",
        "no clock runs through a case of flow {flow}, lane {lane}, level {level}, risk {risk}": (
            "流程 {flow}、通道 {lane}、层级 {level}、风险 {risk} 的案件没有贯穿始终的时限"
        ),
        "begin with the lowest level": "请从最低层级写起",
        "nobody has this role: no case is below the lowest level": "无人担任此角色：最低层级之下没有案件",
        "nobody can make a {kind} move: one of its roles must stand at {where}": (
            "无人能作 {kind} 类操作：其角色中须有一个的 where 为 {where}"
        ),
        "an earlier flow fits every incident of this one": "此流程的事件都已归入前面的流程",
        "this name is taken by another field: choose another one": "此名称已用于另一字段：请换一个",
        "no number is from {least} to {most}": "{least} 至 {most} 之间没有数值",
        "no answer of the follow-up is dissatisfied": "回访没有不满意的答复",
        "the case is handed over at {stage}, where no accept move is in the flow {flow}, lane {lane}": (
            "案件交办后处于 {stage}，而流程 {flow}、通道 {lane} 在此没有 accept 操作"
        ),
        "units are called at {stage}, where no answer move is in the flow {flow}, lane {lane}": (
            "在 {stage} 请单位协办，而流程 {flow}、通道 {lane} 在此没有 answer 操作"
        ),
        "nobody is asked in {stage}: no follow_up move leaves it in the flow {flow}": (
            "在 {stage} 没有回访：流程 {flow} 中没有从此环节出发的 follow_up 操作"
        ),
        "the flow {flow} checks closings of the lane {lane}, and this one passes over it: add checked, "
        "or name other lanes": (
            "流程 {flow} 中通道 {lane} 的案件须经他人审核才能办结，此操作却绕过审核：请加 checked，或改写 lanes"
        ),
        "in {stage} nobody leads a case on to an end: flow {flow}, lane {lane}, unit at the {held}": (
            "在 {stage} 无人能将案件办到终点：流程 {flow}、通道 {lane}、承办单位层级 {held}"
        ),
        "in {stage} only the unit that has the case leads it on: flow {flow}, lane {lane}; "
        "let somebody above or anywhere take it up": (
            "在 {stage} 只有承办单位能往下办：流程 {flow}、通道 {lane}；"
            "请让 where 为 above 或 anywhere 的角色能够提级办理"
        ),
        "an operator fills in the outcome and a note, and nothing else": "值班员只填写结果和说明，不填其他字段",
        "a move of the kind close is wanted": "须为 close 类操作",
        "no clock allows a {kind} move": "没有时限允许 {kind} 类操作",
        "a pause stops this clock, which is to limit it: choose one that is not pausable": (
            "此时限用于限制挂账，却会因挂账而停：请改用不可挂账的时限"
        ),
        # ── settings ──
        "tiles in GCJ-02 or BD-09 (Amap, Tencent, Baidu) lie hundreds of metres beside the county's lines and "
        "cannot be shifted: use a map in WGS-84 or CGCS2000, such as 天地图": (
            "GCJ-02 或 BD-09 的瓦片（高德、腾讯、百度）与本县界线相差数百米，无法纠偏："
            "请改用 WGS-84 或 CGCS2000 的地图，如天地图"
        ),
        "not like https://tiles.example.cn/{z}/{x}/{y}.png": "格式应如 https://tiles.example.cn/{z}/{x}/{y}.png",
        "its braces may hold {names} alone": "花括号中只能是 {names}",
        "its host may hold no value but the digit for {s}": "主机名中只能含 {s} 所代表的数字",
        "{host} has tiles in GCJ-02 or BD-09, which cannot be shifted": "{host} 的瓦片为 GCJ-02 或 BD-09，无法纠偏",
        "needs {name}, too": "还需要设置 {name}",
        "not like {address}": "格式应如 {address}",
        "needs {names} once each, and no other braces": "须各含一次 {names}，且不含其他花括号",
        "not like nats://name:password@127.0.0.1:4222": "不是 nats://name:password@127.0.0.1:4222 这样的地址",
        "not like http://127.0.0.1:8002": "不是 http://127.0.0.1:8002 这样的地址",
        "not like postgresql://name:password@host:5432/maplebridge": (
            "格式应如 postgresql://name:password@host:5432/maplebridge"
        ),
        'not like "https://hall.example.cn": scheme and host, no path, no *': (
            "格式应如 “https://hall.example.cn”：只含协议和主机，不含路径和 *"
        ),
        "not like https://maple.example.cn or https://example.cn/maple": (
            "格式应如 https://maple.example.cn 或 https://example.cn/maple"
        ),
        "its path is not like /maple, or begins like one of the server's own: {paths}": (
            "路径格式应如 /maple，且不得以服务器自用的路径开头：{paths}"
        ),
        "not like mailto:keeper@example.cn or https://example.cn/contact": (
            "格式应如 mailto:keeper@example.cn 或 https://example.cn/contact"
        ),
        "not like push.example.cn, push.example.cn:8443 or *.push.example.cn": (
            "格式应如 push.example.cn、push.example.cn:8443 或 *.push.example.cn"
        ),
        "not like whsec_ and base64 of 24 bytes at least": "格式应为 whsec_ 加至少 24 字节的 base64",
        # ── values ──
        "should be true or false": "应为 true 或 false",
        "should be a date, such as 2026-01-31": "应为日期，如 2026-01-31",
        "should be a table": "应为表",
        "should be a finite number": "应为有限的数",
        "should be a number": "应为数字",
        "should be greater than {gt}": "应大于 {gt}",
        "should be {ge} or more": "应不小于 {ge}",
        "should be a whole number": "应为整数",
        "should be less than {lt}": "应小于 {lt}",
        "should be {le} or less": "应不大于 {le}",
        "should be one of {expected}": "应为以下之一：{expected}",
        "should match the pattern {pattern}": "应符合格式 {pattern}",
        "this is empty: fill it in": "内容为空：请填写",
        "should be a text in quotes": "应为带引号的文本",
        "should have {min_length} items or more": "至少应有 {min_length} 项",
        "should be a list": "应为列表",
    }
)
