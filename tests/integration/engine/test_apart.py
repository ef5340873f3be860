# SPDX-License-Identifier: Apache-2.0
"""Work in a process of its own: results, errors and progress come back, deaths are told."""

import os

import pytest

from datong.engine import face as engine
from datong.engine.errors import BackendFailed, NothingLanded
from datong.kernel.errors import Malformed
from factories.sheets import a_csv, a_schema


def test_a_landing_apart_is_the_same_landing(tmp_path):
    told = []
    source, schema = a_csv(tmp_path, "k,i\n1,1\n2,x\n"), a_schema(k="C", i="I")
    made = engine.apart(engine.land, source, schema, {"k": "k", "i": "i"}, tmp_path / "a", batch="b", progress=told.append)
    assert made == engine.land(source, schema, {"k": "k", "i": "i"}, tmp_path / "b", batch="b")
    assert told == [2]
    assert engine.apart(engine.build_index, tmp_path / "a", schema, ["i"], tmp_path / "x").rows == 1


def test_errors_come_back_whole(tmp_path):
    with pytest.raises(NothingLanded) as caught:
        engine.apart(engine.land, a_csv(tmp_path, "i\nx\n"), a_schema(i="I"), {"i": "i"}, tmp_path / "a", batch="b")
    assert caught.value.fields == {"i": "不是整数"}
    assert caught.value.remedy == "see the quarantine"
    with pytest.raises(Malformed):
        engine.apart(engine.inspect, a_csv(tmp_path, ""))


def test_a_process_that_dies_is_told():
    with pytest.raises(BackendFailed, match="ended with 7"):
        engine.apart(os._exit, 7)


def test_a_listener_that_fails_ends_the_work(tmp_path):
    def refuse(rows):
        raise RuntimeError(rows)

    with pytest.raises(RuntimeError):
        engine.apart(engine.land, a_csv(tmp_path, "k\n1\n"), a_schema(k="C"), {"k": "k"}, tmp_path / "a", batch="b", progress=refuse)
