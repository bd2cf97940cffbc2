"""From rows as PostgreSQL wrote them to GeoDataFrames, a batch at a time: memory does not grow with the layer."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyarrow import csv

from geo.datum import Datum, from_wgs84
from layers.exports.rules import DEFUSABLE, crs_of

GEOMETRY = "geometry"
Shapes = NDArray[np.object_]
"""Geometries."""
BATCH_ROWS = 5_000
BLOCK_BYTES = 16_000_000
"""A row must fit into a block: a line of 100,000 vertices, the most that imports take, has 3.2 MB."""
ARROW_TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.string(),
    "date-time": pa.string(),
}
PANDAS_TYPES = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype(), pa.string(): pd.StringDtype("pyarrow")}


@dataclass(frozen=True, slots=True)
class Columns:
    """Names and kinds of a layer's columns, in order."""

    kinds: dict[str, str]

    @property
    def texts(self) -> list[str]:
        """Those whose text people or other systems wrote, and that could act as formulas."""
        return [name for name, kind in self.kinds.items() if kind == "string"]

    @property
    def written(self) -> list[str]:
        """Those that a file holds as text."""
        return [name for name, kind in self.kinds.items() if ARROW_TYPES[kind] == pa.string()]


def read_frames(rows: Path, columns: Columns, datum: Datum) -> Iterator[gpd.GeoDataFrame]:
    """The rows in `datum`, with formulas defused and a column `datum` that says which it is."""
    for batch in _batches(rows, columns):
        frame = batch.to_pandas(types_mapper=PANDAS_TYPES.get)
        shapes = _in_datum(shapely.from_wkb(frame.pop(GEOMETRY).to_numpy(dtype=object)), datum)
        for name in columns.texts:
            frame[name] = _defused(frame[name])
        frame["datum"] = pd.Series(datum.value, index=frame.index, dtype=pd.StringDtype("pyarrow"))
        yield gpd.GeoDataFrame(frame, geometry=shapes, crs=crs_of(datum))


def _batches(rows: Path, columns: Columns) -> Iterator[pa.RecordBatch]:
    types = {name: ARROW_TYPES[kind] for name, kind in columns.kinds.items()} | {GEOMETRY: pa.string()}
    convert = csv.ConvertOptions(
        column_types=types,
        null_values=[""],
        true_values=["t", "True"],
        false_values=["f", "False"],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    read = csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES)
    with csv.open_csv(
        rows, read_options=read, parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=convert
    ) as reader:
        for batch in reader:
            for start in range(0, batch.num_rows, BATCH_ROWS):
                yield batch.slice(start, BATCH_ROWS)


def _in_datum(shapes: Shapes, datum: Datum) -> Shapes:
    if datum is Datum.WGS84:
        return shapes

    def moved(vertices: np.ndarray) -> np.ndarray:
        return np.column_stack(from_wgs84(vertices[:, 0], vertices[:, 1], datum))

    there: Shapes = shapely.transform(shapes, moved)
    return there


def _defused(texts: pd.Series) -> pd.Series:
    """As `rules.defused`, for a column."""
    acts = texts.str.match(DEFUSABLE).fillna(value=False).astype(bool)
    return texts.where(~acts, "'" + texts)
