# SPDX-License-Identifier: Apache-2.0
"""Which engine does bulk work comes from the environment; a wrong or absent one is said and no token repeated."""

from __future__ import annotations

import sys
import warnings

import pytest

from datong.config.node import doctor, env
from datong.engine.base import EMBEDDED, Bulk
from datong.kernel.errors import Malformed
from factories import clusters


@pytest.mark.parametrize("said", ["", " ", "duckdb"])
def test_duckdb_is_what_nobody_says(monkeypatch, said):
    monkeypatch.setenv("DATONG_ENGINE", said)
    assert env.bulk() == EMBEDDED
    assert doctor._engine(env.folder(), None) == "DuckDB in process"


@pytest.mark.parametrize("said", ["sc://spark.example:15002", "sc://[::1]:15002/;token=secret", "sc://spark"])
def test_an_address_of_a_server_reads(monkeypatch, said):
    monkeypatch.setenv("DATONG_ENGINE", said)
    assert env.bulk() == Bulk(said)


@pytest.mark.parametrize("said", ["spark", "http://secret@host:15002", "sc://secret@host", "sc://host:1,sc://secret", "sc://h:secret"])
def test_anything_else_is_refused_without_being_repeated(monkeypatch, said):
    monkeypatch.setenv("DATONG_ENGINE", said)
    with pytest.raises(Malformed, match="DATONG_ENGINE") as refused:
        env.bulk()
    assert "secret" not in str(refused.value) + str(refused.value.fields)


def test_the_doctor_finds_no_client(monkeypatch):
    monkeypatch.setenv("DATONG_ENGINE", "sc://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "datong.engine.backends.spark.engine", None)
    found = doctor._run("engine", doctor._engine, env.folder(), None)
    assert found.state == "fault"
    assert "pyspark-client" in found.remedy


def test_the_doctor_finds_a_server_that_does_not_answer(monkeypatch, tmp_path):
    monkeypatch.setenv("DATONG_ENGINE", "sc://127.0.0.1:1/;token=secret")
    clusters.look_like_a_program()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client's own about its pandas
        monkeypatch.setattr("datong.engine.backends.spark.engine.SECONDS", 0.2)
        found = doctor._run("engine", doctor._engine, env.folder(), None)
    assert (found.check, found.state) == ("engine", "fault")
    assert "does not answer" in found.found
    assert "DATONG_ENGINE" in found.remedy
    assert "secret" not in found.found + found.remedy
