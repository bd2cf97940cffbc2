"""`maplebridge doctor`: what is wrong here, and how to mend it."""

import typer

from api.keeping.commands.checks import examine
from api.keeping.commands.finding import Finding
from api.settings import Settings


def doctor() -> None:
    """Look at everything that the server needs. Ends with 1 if any of it is bad."""
    findings = examine(Settings())
    for finding in findings:
        typer.echo(told(finding))
    if not all(finding.good for finding in findings):
        raise typer.Exit(1)


def told(finding: Finding) -> str:
    if finding.good:
        return f"ok   {finding.name}: {finding.detail}"
    detail = finding.detail.replace("\n", "\n     ")
    return f"BAD  {finding.name}: {detail}\n     mend: {finding.remedy}"
