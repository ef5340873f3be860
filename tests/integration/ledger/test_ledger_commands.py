# SPDX-License-Identifier: Apache-2.0
"""`datong ledger show|prove|export|verify`: what one command gives the next one checks."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from datong.config.cli import ledger
from datong.ledger import history
from datong.ledger.merging import merge
from datong.ledger.prover import Prover
from factories.evidence import a_signer
from factories.exports import a_call, a_log_of_calls, verified_elsewhere

RUN = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return a_log_of_calls(tmp_path_factory.mktemp("node") / "evidence" / "gateway-0")


@pytest.fixture(scope="module")
def key(folder):
    return folder.parent / "node.pub"


def run(*words, status=0):
    done = RUN.invoke(ledger.app, [str(word) for word in words])
    assert done.exit_code == status, done.output
    return done.stdout


def refused(*words):
    done = RUN.invoke(ledger.app, [str(word) for word in words])
    assert done.exit_code
    return getattr(done.exception, "code", "")


def test_records_are_shown_oldest_first(folder, monkeypatch):
    found = json.loads(run("show", folder, "--grant", "S3", "--limit", 2, "--json"))
    assert found == [{"index": index, "record": json.loads(a_call(index))} for index in (93, 98)]
    monkeypatch.setenv("DATONG_NODE", str(folder.parent.parent))
    within = ("--since", "2026-03-01T16:00:10+08:00", "--until", "2026-03-01T08:00:11Z")
    assert [one["index"] for one in json.loads(run("show", "gateway-0", *within, "--json"))] == [10, 11]
    assert "call" in run("show", "gateway-0", "--limit", 1)
    assert json.loads(run("show", "gateway-0", "--since", "2026-03-01", "--until", "2026-03-01", "--json"))


def test_a_proof_is_a_receipt(folder, key, tmp_path):
    for size in ((), ("--size", 37)):
        (tmp_path / "receipt").write_text(run("prove", folder, 13, *size))
        assert run("receipt", tmp_path / "receipt", "--key", key).startswith("proved")
    told = json.loads(run("prove", folder, 13, "--json"))
    assert (told["index"], told["size"], told["record"]) == (13, 100, a_call(13).decode())


def test_two_checkpoints_are_proved_consistent(folder, key, tmp_path):
    (tmp_path / "pair").write_text(run("prove", folder, "--consistency", 23, 77))
    assert verified_elsewhere(tmp_path / "pair", key=key)[0]["size"] == 77


def test_an_export_is_verified_with_and_without_a_key(folder, key, tmp_path):
    known, paper = tmp_path / "known", tmp_path / "export"
    known.write_bytes(next(mark.line() for _, mark in history.walk(folder)))
    run("export", folder, "--grant", "S3", "--known", known, "-o", paper)
    assert refused("export", folder, "--grant", "S3", "-o", paper) == "conflict"
    assert "20 records" in run("verify", paper, "--key", key)
    assert "came with the export" in run("verify", paper)
    assert json.loads(run("verify", paper, "--key", key, "--json"))["known"] == [3]
    paper.write_bytes(paper.read_bytes().replace(b'S3\\"', b'S4\\"', 1))
    assert "NOT as it was signed" in run("verify", paper, status=1)
    assert json.loads(run("verify", paper, "--json", status=1))["line"] == 3


def test_what_cannot_be_done_is_refused_and_leaves_nothing(folder, tmp_path):
    other = a_log_of_calls(tmp_path / "other", batches=(50,), origin="330000/gateway-1")
    with Prover(other) as prover:
        (tmp_path / "known").write_text(prover.inclusion(0).encode())
    assert refused("export", folder, "--grant", "S3", "--known", tmp_path / "known", "-o", tmp_path / "made")
    assert not (tmp_path / "made").exists()
    assert refused("export", folder, "--grant", "S3", "-o", tmp_path / "no" / "made") == "unavailable"
    assert refused("export", folder, "-o", tmp_path / "made") == "malformed"
    assert refused("prove", folder) == "malformed"
    assert refused("prove", folder, 100) == "unknown"
    assert refused("prove", folder, 1, "--size", 38) == "unknown"
    assert refused("show", tmp_path / "nowhere") == "unknown"
    assert refused("show", folder, "--since", "yesterday") == "malformed"


def test_a_node_checkpoint_is_shown_kept_and_held_against_the_logs(folder, key, tmp_path, monkeypatch):
    place = tmp_path / "evidence"
    shutil.copytree(folder.parent, place)
    monkeypatch.setenv("DATONG_NODE", str(tmp_path))
    assert refused("show", "node-checkpoints") == "unknown"
    merge(place, "330000", a_signer())
    assert "330000/test" in run("show", "node-checkpoints")
    (tmp_path / "kept").write_text(run("show", "node-checkpoints", "--json"))
    for known in ((), ("--known", tmp_path / "kept")):
        told = json.loads(run("verify", place, *known, "--key", key, "--json"))
        assert [(one["size"], one["merged"]) for one in told["logs"]] == [(100, False), (1, True)]
    (place / "node-checkpoints").unlink()
    assert "another" not in run("verify", place)
    assert "is known from elsewhere" in run("verify", place, "--known", tmp_path / "kept", "--json", status=1)
    assert refused("show", key) == "unknown"
