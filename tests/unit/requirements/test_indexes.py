# SPDX-License-Identifier: Apache-2.0
"""pip's settings reach uv and npm, whatever file they stand in."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SPEC = importlib.util.spec_from_file_location("indexes", ROOT / "requirements" / "indexes.py")
indexes = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(indexes)


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    for name in ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE", "HTTPS_PROXY", "HTTP_PROXY", "NODE_EXTRA_CA_CERTS"):
        for form in (name, name.lower()):
            monkeypatch.delenv(form, raising=False)


def test_a_mirror_with_its_own_certificate_behind_a_proxy():
    settings = {
        "index-url": "https://mirror.example/simple", "extra-index-url": "https://a.example https://b.example",
        "trusted-host": "mirror.example", "cert": "/etc/ca.pem", "proxy": "http://proxy.example:3128", "default-timeout": "90",
    }  # fmt: skip
    told = indexes.for_uv(settings)
    assert told["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert told["UV_INDEX"] == "https://a.example https://b.example"
    assert told["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert told["UV_INSECURE_HOST"] == "mirror.example"
    assert told["SSL_CERT_FILE"] == "/etc/ca.pem" and told["UV_HTTP_TIMEOUT"] == "90"
    assert indexes.for_npm(settings) == {
        "NODE_EXTRA_CA_CERTS": "/etc/ca.pem", "HTTPS_PROXY": "http://proxy.example:3128", "HTTP_PROXY": "http://proxy.example:3128",
    }  # fmt: skip


def test_nothing_set_means_nothing_told():
    assert indexes.for_uv({}) == {} == indexes.for_npm({})


def test_what_is_set_for_uv_itself_wins(monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://chosen.example")
    monkeypatch.setenv("https_proxy", "http://mine.example")
    told = indexes.for_uv({"index-url": "https://mirror.example", "proxy": "http://proxy.example"})
    assert "UV_DEFAULT_INDEX" not in told and "HTTPS_PROXY" not in told


def test_the_stronger_source_of_pip_wins(monkeypatch):
    said = "global.index-url='https://a.example'\ninstall.index-url='https://b.example'\n:env:.cert='/x'\nglobal.cert='/y'\nodd line\n"

    def answer(*_arguments, **_options):
        return subprocess.CompletedProcess([], 0, said)

    monkeypatch.setattr(indexes.subprocess, "run", answer)
    assert indexes.pip_settings(sys.executable) == {"index-url": "https://b.example", "cert": "/x"}


def test_links_to_folders_that_are_not_there_are_left_out(tmp_path):
    told = indexes.for_uv({"find-links": f"{tmp_path} /nowhere/at/all https://links.example"})
    assert told["UV_FIND_LINKS"] == f"{tmp_path},https://links.example"
