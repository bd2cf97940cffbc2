"""Reports of imports: what was stored, what was not and why, in words or as JSON."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from api.intake.files.jobs import ImportOutcome
from api.keeping.commands.import_messages import counts_text, message_of, printable
from api.keeping.commands.problem_groups import ProblemGroup, grouped, ranges
from api.keeping.words.language import is_chinese
from ingest.files.problems import FileRefused, Problem
from ingest.files.rejects import write_rejects
from ingest.files.table import Table

SHOWN = 200
LISTED = 5
LISTED_CODES = 30
"""Distinct unknown codes that are listed: each needs an option of its own, and one report should tell them all."""


@contextmanager
def reserved(rejects: Path | None) -> Iterator[None]:
    """Make the file of rejected rows before anything is stored, and remove it if nothing is."""
    if rejects is None:
        yield
        return
    try:
        rejects.touch(exist_ok=False)
    except OSError as error:
        problem = Problem("rejects.unwritable", params={"file": str(rejects), "reason": error.strerror or ""})
        raise typer.BadParameter(message_of(problem, chinese=is_chinese()), param_hint="--skip-bad") from error
    is_stored = False
    try:
        yield
        is_stored = True
    finally:
        if not is_stored:
            rejects.unlink(missing_ok=True)


def keep_rejects(rejects: Path | None, table: Table, outcome: ImportOutcome, *, dry_run: bool = False) -> ImportOutcome:
    """Write the rejected rows, if there are any, and tell of them first. A dry run leaves no file: the import that
    follows would find it in its way.
    """
    if rejects is None:
        return outcome
    if dry_run or not outcome.rejected:
        rejects.unlink()
    if not outcome.rejected:
        return outcome
    if dry_run:
        code, count = "rows.would_be_rejected", len({problem.row for problem in outcome.rejected})
    else:
        code, chinese = "rows.rejected", is_chinese()
        count = write_rejects(rejects, table, outcome.rejected, reason=lambda one: message_of(one, chinese=chinese))
    note = {"code": code, "rows": count, "file": str(rejects)}
    return replace(outcome, notes=[note, *outcome.notes])


def report_json(file: Path, outcome: ImportOutcome, *, dry_run: bool) -> str:
    """Compose the report of an import or dry run as JSON."""
    report: dict[str, Any] = {"file": str(file), "kept": not dry_run, "counts": outcome.counts}
    if outcome.rejected:
        report["rejected"] = [problem.as_json() for problem in outcome.rejected]
        report["groups"] = [group.as_json() for group in grouped(outcome.rejected)]
    return json.dumps({**report, "notes": list(outcome.notes)}, ensure_ascii=False)


def report_text(file: Path, outcome: ImportOutcome, *, dry_run: bool) -> str:
    """Compose the report of an import or dry run as text."""
    counts = counts_text(outcome.counts, chinese=is_chinese())
    kept = message_of(Problem("report.rehearsed" if dry_run else "report.kept"), chinese=is_chinese())
    notes = [f"  {message_of(Problem(n['code'], params=n), chinese=is_chinese())}" for n in outcome.notes]
    return "\n".join([f"{file}: {kept} ({counts})", *notes, *problem_lines(outcome.rejected)])


def with_good_rows(refused: FileRefused, table: Table | None) -> FileRefused:
    """Add how many rows could be stored without the others, if only rows have problems."""
    bad = {problem.row for problem in refused.problems}
    if table is None or None in bad or len(bad) >= len(table.records):
        return refused
    params = {"good": len(table.records) - len(bad), "rows": len(table.records)}
    return FileRefused([Problem("rows.good", params=params), *refused.problems], refused.drawing)


def refusal_json(file: Path, refused: FileRefused) -> str:
    """Compose the report of a refusal as JSON."""
    problems = [problem.as_json() for problem in refused.problems]
    groups = [group.as_json() for group in grouped(refused.problems)]
    return json.dumps({"file": str(file), "kept": False, "problems": problems, "groups": groups}, ensure_ascii=False)


def refusal_text(file: Path, refused: FileRefused) -> str:
    """Compose the report of a refusal as text, with its problems grouped."""
    count = Problem("report.refused", params={"count": len(refused.problems)})
    return "\n".join([f"{file}: {message_of(count, chinese=is_chinese())}", *problem_lines(refused.problems)])


def problem_lines(problems: Sequence[Problem]) -> list[str]:
    """Compose a line for each problem, and for more than `LISTED` of one kind their rows and the first few of them."""
    chinese, lines = is_chinese(), []
    for group in grouped(problems):
        listed = group.problems if len(group.problems) <= LISTED else _examples(group)
        if len(group.problems) > LISTED:
            params = {"field": group.field or "", "count": len(group.problems), "rows": ranges(group.rows)}
            lines.append(message_of(Problem("report.group", params=params), chinese=chinese).lstrip())
        lines += dict.fromkeys(f"{_where(p):<24} {message_of(p, chinese=chinese)}" for p in listed)
    if len(lines) > SHOWN:
        lines[SHOWN:] = [message_of(Problem("report.more", params={"more": len(lines) - SHOWN}), chinese=chinese)]
    return lines


def _examples(group: ProblemGroup) -> Sequence[Problem]:
    """Choose the problems of a large group to show: each unknown code once, of others the first."""
    if not group.code.endswith(".unknown"):
        return group.problems[:LISTED]
    by_value: dict[object, Problem] = {}
    for problem in group.problems:
        by_value.setdefault(problem.params.get("value"), problem)
    return list(by_value.values())[:LISTED_CODES]


def _where(problem: Problem) -> str:
    place = problem.cell or ("" if problem.row is None else str(problem.row))
    return printable(f"{place} {problem.field or ''}".strip())
