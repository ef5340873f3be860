# SPDX-License-Identifier: Apache-2.0
"""Where traces go comes from the environment; nothing does by default, and no password is repeated."""

from __future__ import annotations

import pytest

from datong.config.node import env
from datong.kernel.errors import Malformed


def test_nobody_is_told_by_default(monkeypatch):
    monkeypatch.delenv("DATONG_TRACES", raising=False)
    assert env.traces() == ""


@pytest.mark.parametrize("said", ["http://127.0.0.1:4318/v1/traces", "https://collector.example", "http://[::1]:4318/v1/traces"])
def test_an_address_reads(monkeypatch, said):
    monkeypatch.setenv("DATONG_TRACES", f" {said} ")
    assert env.traces() == said


@pytest.mark.parametrize("said", ["collector:4318", "grpc://host:4317", "http://me:secret@host/", "http://[secret", "http://host:secret", "http://"])
def test_anything_else_is_refused_without_being_repeated(monkeypatch, said):
    monkeypatch.setenv("DATONG_TRACES", said)
    with pytest.raises(Malformed, match="DATONG_TRACES") as refused:
        env.traces()
    assert "secret" not in str(refused.value) + str(refused.value.fields)


def test_who_wants_traces_without_the_library_is_told_how_to_get_it(monkeypatch):
    monkeypatch.setenv("DATONG_TRACES", "http://127.0.0.1:4318/v1/traces")
    monkeypatch.setattr(env, "find_spec", lambda _name: None)
    with pytest.raises(Malformed) as refused:
        env.traces()
    assert refused.value.remedy == "pip install 'datong[traces]'"
