# SPDX-License-Identifier: Apache-2.0
"""A Parquet file that left as a delivery, read again as the texts it was put in order by.

Kept here: only plain columns are read, and no more rows than asked for; whatever wrote the file again since, a value has the
text it had when it left.
"""

import re
import tempfile
from pathlib import Path

from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.backends.sources.columnar import ParquetSource
from datong.engine.plans import delivering
from datong.engine.plans.lookup import quoted
from datong.kernel.sharing import ItemType

_TYPES = {
    "DATE": ItemType.D, "TIMESTAMP": ItemType.T, "DOUBLE": ItemType.F, "FLOAT": ItemType.F, "DECIMAL": ItemType.N,
    "VARCHAR": ItemType.C,
}  # fmt: skip


def reread(file: Path, most: int) -> tuple[list[str], list[list[str | None]]]:
    """Give the columns of a Parquet file, and its first rows as texts.

    Raises:
        SourceUnreadable: Not a Parquet file of plain columns.
        BackendFailed: It breaks off.
    """
    ParquetSource(file).inspect()
    with tempfile.TemporaryDirectory(prefix=".spill-", dir=file.parent) as spill, DuckEngine(Path(spill)) as engine:
        engine.open_files("found", [str(file)])
        shapes = [_shape(name, kind) for name, kind in engine.columns("found").items()]
        shown = ", ".join(f"{delivering.text(one)} as {quoted(one.field)}" for one in shapes)
        rows = engine.query("found", f"select {shown} from found limit {most:d}", ()).read_all()
        texts = zip(*(column.to_pylist() for column in rows.columns), strict=True)
        return [one.field for one in shapes], [list(row) for row in texts]


def _shape(name: str, kind: str) -> delivering.Shape:
    """A column by the engine's word for its type; what is none of those named has the text it is cast to."""
    scale = re.fullmatch(r"DECIMAL\(\d+,(\d+)\)", kind)
    return delivering.Shape(name, _TYPES.get(re.split(r"[( ]", kind, maxsplit=1)[0], ItemType.I), int(scale[1]) if scale else 0)
