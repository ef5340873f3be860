# SPDX-License-Identifier: Apache-2.0
"""Lake tables when something is in the way."""

import pyarrow as pa
import pytest
from deltalake.exceptions import CommitFailedError

from datong.engine import face as engine
from datong.engine.backends import lake
from datong.engine.errors import BackendFailed
from datong.kernel.errors import Conflict
from factories.sheets import a_csv, a_schema, land, rows_of

ROWS = pa.table({"k": ["1"], "_batch": ["b"]})


def test_the_second_of_two_landings_is_told(tmp_path, monkeypatch):
    def lose(*_, **__):
        raise CommitFailedError("a newer version has changed the table")

    monkeypatch.setattr(lake, "write_deltalake", lose)
    with pytest.raises(Conflict, match="people was first"):
        lake.overwrite(tmp_path / "people", ROWS, batch="b")


@pytest.mark.parametrize("write", [lake.overwrite, lake.replace_batch])
def test_a_table_that_cannot_be_written_is_named(tmp_path, write):
    (tmp_path / "people").write_text("a file lies where the table should be")
    with pytest.raises(BackendFailed, match="people"):
        write(tmp_path / "people", ROWS, batch="b")


@pytest.mark.parametrize("name", ["省 节点", "a#b", "a?b&c=d+e"])
def test_a_folder_of_any_name_is_landed_in_and_read_from(tmp_path, name):
    source, table = a_csv(tmp_path, "k,v\n1,一\n,没有键\n"), tmp_path / name / "people"
    landed = land(source, a_schema(k="C", v="C"), table)
    index = engine.build_index(table, a_schema(k="C", v="C"), [], tmp_path / name / "people.sqlite")
    assert (landed.rows_good, landed.rows_bad, index.rows) == (1, 1, 1)
    assert [row["line"] for row in engine.quarantine(table, "b1")] == [3]


def test_what_a_batch_committed_is_put_back_and_nothing_else(tmp_path):
    table, schema = tmp_path / "people", a_schema(k="C")
    first = land(a_csv(tmp_path, "k\n1\n"), schema, table, batch="b1")
    land(a_csv(tmp_path, "k\n2\n"), schema, table, batch="b2")
    assert engine.put_back(table, first.delta_version, batch="b9") is False
    assert engine.put_back(table, first.delta_version, batch="b2") is True
    assert [row["k"] for row in rows_of(table)] == ["1"]
    assert engine.put_back(table, first.delta_version, batch="b2") is False
    assert engine.put_back(tmp_path / "nothing", 0, batch="b2") is False
