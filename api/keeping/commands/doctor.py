"""`maplebridge doctor`: find problems of an installation and say how to fix them."""

import typer

from api.keeping.commands.checks import run_checks
from api.keeping.commands.finding import Finding
from api.keeping.words import said
from api.settings import Settings


def doctor() -> None:
    """Check everything that the server needs. Exits with 1 if any check fails."""
    findings = run_checks(Settings())
    for finding in findings:
        typer.echo(text_of(finding))
    if not all(finding.good for finding in findings):
        raise typer.Exit(1)


def text_of(finding: Finding) -> str:
    """Format a finding: its result, and a second line with the remedy if it is bad."""
    if finding.good:
        return said("ok   {name}: {detail}", name=said(finding.name), detail=finding.detail)
    detail = finding.detail.replace("\n", "\n     ")
    return said(
        "BAD  {name}: {detail}\n     fix: {remedy}", name=said(finding.name), detail=detail, remedy=finding.remedy
    )
