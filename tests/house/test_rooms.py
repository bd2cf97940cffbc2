"""Structure of the code: contracts between rooms, no import cycles, short files, no paths of one machine."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.shared import CHECKOUT

ROOMS = ("geo", "layers", "ingest", "console", "api")
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc"}
OF_ONE_MACHINE = re.compile(
    r"(?<![\w.])/(?:work|home|root)/|registry\.npmjs|pypi\.org|pythonhosted|npmmirror", re.IGNORECASE
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources() -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((CHECKOUT / room).rglob("*.py"))


def functions() -> Iterator[tuple[str, Function]]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            if isinstance(node, Function):
                yield f"{path.relative_to(CHECKOUT)}:{node.lineno} {node.name}", node


def tracked() -> list[Path]:
    """The files of the project, as git has them or would take them."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [CHECKOUT / name for name in listed.stdout.splitlines() if (CHECKOUT / name).is_file()]


def test_the_rooms_keep_to_their_contracts() -> None:
    """In a process of its own: import-linter sets up logging, and with that switches off every logger there is."""
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command, "--no-cache"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = grimp.build_graph(*ROOMS, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    TopologicalSorter(imports).prepare()


def test_files_stay_short() -> None:
    assert [str(path) for path in sources() if len(path.read_text(encoding="utf8").splitlines()) > LONGEST_FILE] == []


def test_functions_stay_short() -> None:
    assert [name for name, node in functions() if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION] == []


def test_nothing_is_imported_inside_a_function() -> None:
    inner = (ast.Import, ast.ImportFrom)
    assert [name for name, node in functions() if any(isinstance(found, inner) for found in ast.walk(node))] == []


def test_no_except_swallows_everything() -> None:
    broad = re.compile(r"except(\s+\(?\s*(Base)?Exception\b.*)?:")
    assert [str(path) for path in sources() if broad.search(path.read_text(encoding="utf8"))] == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path in sources() if path.stem in VAGUE or path.parent.name in VAGUE] == []


def test_nothing_names_a_machines_paths_or_a_registrys_address() -> None:
    here = Path(__file__)
    found = []
    for path in tracked():
        if path == here or path.suffix in {".png", ".woff2", ".ico", ".gz", ".gpkg"}:
            continue
        text = path.read_text(encoding="utf8", errors="replace")
        found += [f"{path.relative_to(CHECKOUT)}: {match.group()}" for match in OF_ONE_MACHINE.finditer(text)]
    assert found == []


def test_the_shell_scripts_are_posix() -> None:
    for script in ("maplebridge", ".ci/run", ".ci/steps"):
        done = subprocess.run(["sh", "-n", CHECKOUT / script], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
