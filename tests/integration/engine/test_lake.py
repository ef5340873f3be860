# SPDX-License-Identifier: Apache-2.0
"""Lake tables when something is in the way."""

import pyarrow as pa
import pytest
from deltalake.exceptions import CommitFailedError

from datong.engine.backends import lake
from datong.engine.errors import BackendFailed
from datong.kernel.errors import Conflict

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
