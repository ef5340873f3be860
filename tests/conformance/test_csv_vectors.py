# SPDX-License-Identifier: Apache-2.0
"""Delimited text is read as the published csv-spectrum says."""

import json
from pathlib import Path

import pytest

from datong.engine.backends.sources.delimited import CsvSource

VECTORS = json.loads((Path(__file__).parent / "vectors" / "csv-spectrum.json").read_text("utf-8"))
UPSTREAM_DIFFERS = {"location_coordinates": "Contact Phone Number"}


@pytest.mark.parametrize("name", VECTORS)
def test_csv_spectrum(name, tmp_path):
    path = tmp_path / f"{name}.csv"
    path.write_bytes(VECTORS[name]["csv"].encode())
    source = CsvSource(path)
    seen = source.inspect()
    (block,) = source.blocks(seen)
    rows = [dict(zip(seen.columns, cells, strict=True)) for cells in zip(*block.columns, strict=True)]
    wanted = VECTORS[name]["rows"]
    for row in (*rows, *wanted):
        row.pop(UPSTREAM_DIFFERS.get(name), None)
    assert rows == wanted
    assert not block.faults
