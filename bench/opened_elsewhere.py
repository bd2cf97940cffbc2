"""Open every export of a draft by `ogrinfo` and by QGIS without a screen, and edit one there topologically.

Usage: python -m bench.opened_elsewhere. Needs GDAL's programs and QGIS for Python, such as Debian's `gdal-bin` and
`python3-qgis`, and no database. Prints for each format what either program sees; then what comes back of a GeoPackage
in which QGIS moved one corner of one micro-grid with topological editing.
"""

import asyncio
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from api.intake.edited_lines import SentFile, read_edited
from console.planning.drafts import Base, Draft
from console.planning.exporting import Extent, PlanFormat, write_lines
from console.planning.importing import EditedFile, difference_of
from geo.coverage.topology import Coverage
from geo.datum import Datum
from tests.geo.coverage.made import drawn_county

OPENS = """
import sys
from qgis.core import QgsApplication, QgsGeometry, QgsVectorLayer
app = QgsApplication([], False)
app.initQgis()
for name in sys.argv[1:]:
    layer = QgsVectorLayer(name, "lines", "ogr")
    shapes = [f.geometry() for f in layer.getFeatures()]
    fields = ",".join(field.name() for field in layer.fields())
    print("  QGIS: valid" if layer.isValid() else "  QGIS: broken", layer.featureCount(), "features, all valid:",
          all(s.isGeosValid() for s in shapes), layer.crs().authid(), fields, flush=True)
    del layer, shapes
app.exitQgis()
"""
MOVES = """
import sys
from qgis.core import QgsApplication, QgsPointXY, QgsProject, QgsVectorLayer, QgsVectorLayerEditUtils
app = QgsApplication([], False)
app.initQgis()
project = QgsProject.instance()
project.setTopologicalEditing(True)
layer = QgsVectorLayer(sys.argv[1], "lines", "ogr")
project.addMapLayer(layer)
x, y, to_x, to_y = map(float, sys.argv[2:])
layer.startEditing()
moved = 0
for feature in list(layer.getFeatures()):
    shape = feature.geometry()
    for at, vertex in enumerate(list(shape.vertices())):
        if abs(vertex.x() - x) < 1e-9 and abs(vertex.y() - y) < 1e-9:
            layer.moveVertex(to_x, to_y, feature.id(), at)
            moved += 1
            break
    layer.addTopologicalPoints(QgsPointXY(to_x, to_y))
print("  QGIS moved", moved, "vertices:", layer.commitChanges())
app.exitQgis()
"""
SEEN = ("Layer name", "Geometry", "Feature Count", "Extent")


async def exported(coverage: Coverage, folder: Path) -> list[Path]:
    """Write a draft in every format."""
    draft = Draft(Base(("", None, ""), coverage, (), {}, {}), coverage)  # type: ignore[arg-type]
    files = []
    for kind in (one for one in PlanFormat if one is not PlanFormat.PDF):
        files.append(folder / f"lines{kind.suffix}")
        await write_lines(draft, files[-1], kind=kind, datum=Datum.WGS84, extent=Extent.FINEST)
    return files


def run(*command: str) -> str:
    """Return what a program says; its complaints, too, where it fails."""
    environment = {"PATH": "/usr/bin:/bin", "QT_QPA_PLATFORM": "offscreen", "HOME": "/tmp"}  # noqa: S108
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    return done.stdout if done.returncode == 0 else f"{done.stdout}{done.stderr}exit {done.returncode}\n"


def opened(file: Path) -> None:
    """Print what both programs see of a file."""
    name = f"/vsizip/{file}" if file.suffix == ".zip" else str(file)
    said = run("ogrinfo", "-so", "-al", name).splitlines()
    sys.stdout.write(f"{file.name}\n  ogrinfo: {'; '.join(line for line in said if line.startswith(SEEN))}\n")
    sys.stdout.write(run("/usr/bin/python3", "-c", OPENS, name))


def edited(coverage: Coverage, file: Path) -> None:
    """Move a corner in QGIS by some 20 m, and print the operations that come back."""
    node = next(
        point
        for edge in sorted(coverage.edges.values(), key=lambda one: one.key)
        for point in (edge.line[0],)
        if not edge.is_outer and coverage.ends[point] == 3
        and not any(other.is_outer and point in other.line for other in coverage.edges.values())
    )  # fmt: skip
    to = node[0] + 0.0001, node[1] + 0.00015
    sys.stdout.write(run("/usr/bin/python3", "-c", MOVES, str(file), *map(repr, (*node, *to))))
    read = read_edited(SentFile(file.name, file.read_bytes()))
    found = asyncio.run(difference_of(coverage, EditedFile(read.rows, Datum.WGS84)))
    sys.stdout.write(f"  comes back as {found.operations}\n")


def main() -> None:
    coverage = drawn_county()
    with TemporaryDirectory() as folder:
        files = asyncio.run(exported(coverage, Path(folder)))
        for file in files:
            opened(file)
        edited(coverage, files[0])


if __name__ == "__main__":
    main()
