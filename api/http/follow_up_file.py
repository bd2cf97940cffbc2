"""A list of follow-ups, such as the dissatisfied one 不满意清单, as a table with the words of one language."""

from collections.abc import Mapping, Sequence

from api.http.language import Lang
from api.http.list_file import Table, moment_text
from api.http.wire.follow_ups import FollowUpItemOut
from api.place.pack import Pack
from console.flow.case_terms import FollowUp

HEADS: Mapping[Lang, tuple[str, ...]] = {
    "zh": (
        "序号", "案件码", "类别", "内容", "承办单位", "办结时间", "回访时间", "方式", "回答", "说明",
        "不满意次数", "现状",
    ),
    "en": (
        "No.", "Case code", "Category", "What", "Unit", "Closed", "Asked", "Way", "Answers", "Note",
        "Times dissatisfied", "Standing",
    ),
}  # fmt: skip
WIDTHS = (6, 22, 18, 40, 22, 17, 17, 12, 30, 40, 12, 16)
STANDINGS: Mapping[Lang, Mapping[str, str]] = {
    "zh": {
        "not_drawn": "未抽中", "due": "待回访", "mending": "整改中", "again": "待再次回访", "satisfied": "已满意",
        "dissatisfied": "不满意", "unreached": "联系不上", "refused": "拒绝回访",
    },
    "en": {
        "not_drawn": "Not drawn", "due": "To be asked", "mending": "Being mended", "again": "To be asked again",
        "satisfied": "Satisfied", "dissatisfied": "Dissatisfied", "unreached": "Not reached",
        "refused": "Refused",
    },
}  # fmt: skip


def table_of(
    items: Sequence[FollowUpItemOut], pack: Pack, asked: FollowUp | None, *, units: Mapping[str, str], lang: Lang
) -> Table:
    """Return the table of a list: its heads, then a row for each case."""
    categories = {code: getattr(one.names, lang) for code, one in pack.incidents.category_by_code.items()}
    words = (
        {one.code: getattr(one.names, lang) for one in (*asked.ways, *asked.aspects, *asked.answers)} if asked else {}
    )

    def said(answers: Mapping[str, str]) -> str:
        return "\n".join(f"{words.get(aspect, aspect)}: {words.get(one, one)}" for aspect, one in answers.items())

    rows = [
        (
            str(number),
            one.case_code,
            categories.get(one.category, one.category),
            one.title,
            units.get(one.unit, one.unit),
            moment_text(pack, one.ended_at),
            moment_text(pack, one.asked_at),
            words.get(one.way or "", one.way or ""),
            said(one.answers),
            one.note,
            str(one.dissatisfied_times),
            STANDINGS[lang][one.standing],
        )
        for number, one in enumerate(items, 1)
    ]
    return [HEADS[lang], *rows]
