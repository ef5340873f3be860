# SPDX-License-Identifier: Apache-2.0
"""One file with all records of a grant over all logs: nothing in it can be changed, and no log left out, whoever checks it."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from datong.config.cli import ledger
from datong.kernel import canonical
from datong.kernel.errors import Unknown
from datong.ledger import bundles, history, merged
from datong.ledger.merging import merge
from datong.ledger.recovery import Damaged
from factories.evidence import a_log, a_signer, its_verifier
from factories.exports import a_call, a_log_of_calls, verified_elsewhere

NODE = "330000"
VERIFIER = its_verifier(a_signer())
WHERE = {"grant": "S3"}


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    """Two gateways' logs with twenty and four records of the grant, one log of acts with none, merged, then grown."""
    place = tmp_path_factory.mktemp("node") / "evidence"
    a_log_of_calls(place / "gateway-0", origin=f"{NODE}/gateway-0")
    a_log_of_calls(place / "gateway-1", (3, 12), origin=f"{NODE}/gateway-1")
    a_log_of_calls(place / "acts", (2,), origin=f"{NODE}/acts")
    merge(place, NODE, a_signer())
    with a_log(place / "gateway-1", origin=f"{NODE}/gateway-1") as log:
        log.append([a_call(number) for number in range(15, 20)])
    return place


@pytest.fixture(scope="module")
def export(evidence):
    known = [next(mark for _, mark in history.walk(evidence / "gateway-0"))]
    paper = evidence.parent / "dispute.jsonl"
    paper.write_bytes(b"".join(bundles.lines(evidence, WHERE, known=known, held=[merged.last(evidence)])))
    return paper


def test_all_logs_stand_in_one_file_and_both_verifiers_take_it(evidence, export):
    mine, theirs = bundles.verify(export, VERIFIER), verified_elsewhere(export, key=evidence / "node.pub")[0]
    assert (mine.ok, mine.records, mine.node, mine.key_given, mine.where) == (True, 24, 0, True, WHERE)
    assert [(one.origin, one.records, list(one.known)) for one in mine.logs] == [
        ("330000/acts", 0, [2]), ("330000/gateway-0", 20, [3, 100]), ("330000/gateway-1", 4, [15]),
    ]  # fmt: skip
    assert (theirs["status"], theirs["kind"], theirs["records"], theirs["origin"]) == (0, "exports", 24, NODE)
    assert bundles.verify(export).ok and verified_elsewhere(export)[0]["status"] == 0
    assert not bundles.verify(export, its_verifier(a_signer(number=2))).ok


def test_no_log_can_be_left_out_and_nothing_changed(evidence, export, tmp_path):
    lines = export.read_bytes().splitlines(keepends=True)
    starts = [at for at, line in enumerate(lines) if b'"datong-export/1"' in line]
    head = canonical.loads(lines[0])
    fewer = canonical.dumps({**head, "logs": 2}) + b"\n"
    bare = canonical.dumps({**head, "node": 0}) + b"\n"
    sections = [lines[begin:end] for begin, end in zip(starts, [*starts[1:], None], strict=True)]
    other = canonical.dumps({**head, "where": {"grant": "S4"}}) + b"\n"
    unpinned = [line.replace(b'"known":1', b'"known":0') for line in sections[2][:-1]]
    papers = {
        "left out": [fewer, lines[1], *sections[0], *sections[2]],
        "out of order": [lines[0], lines[1], *sections[1], *sections[0], *sections[2]],
        "twice": [lines[0], lines[1], *sections[0], *sections[1], *sections[1]],
        "something else": [other, *lines[1:]],
        "not pinned": [lines[0], lines[1], *sections[0], *sections[1], *unpinned],
        "more": [*lines, b"\n"],
        "short": lines[:-1],
        "record": [line.replace(b"S3", b"S2") if b'"record":' in line else line for line in lines],
        "node": [lines[0], lines[1].replace(b'"number":0', b'"number":1'), *lines[2:]],
        "no node": [bare, *lines[1:]],
        "no logs": [canonical.dumps({**head, "logs": 0}) + b"\n"],
        "head": [lines[0].replace(b'"logs"', b'"LOGS"'), *lines[1:]],
    }
    for name, content in papers.items():
        (tmp_path / name).write_bytes(b"".join(content))
    assert [name for name in papers if bundles.verify(tmp_path / name, VERIFIER).ok] == []
    told = verified_elsewhere(*(tmp_path / name for name in papers), key=evidence / "node.pub")
    assert [one["subject"] for one in told if not one["status"]] == []
    assert "left out" in bundles.verify(tmp_path / "left out").reason
    assert "go on from" in bundles.verify(tmp_path / "not pinned").reason


def test_without_a_node_checkpoint_the_file_is_made_all_the_same(evidence, tmp_path):
    place = shutil.copytree(evidence, tmp_path / "evidence")
    (place / merged.NAME).unlink()
    (tmp_path / "export").write_bytes(b"".join(bundles.lines(place, WHERE)))
    found = bundles.verify(tmp_path / "export", VERIFIER)
    assert (found.ok, found.node, found.records) == (True, None, 24)
    assert verified_elsewhere(tmp_path / "export", key=place / "node.pub")[0]["status"] == 0


def test_a_log_taken_away_is_the_finding(evidence, tmp_path):
    place = shutil.copytree(evidence, tmp_path / "evidence")
    shutil.rmtree(place / "gateway-1")
    with pytest.raises(Damaged, match="gateway-1 is missing"):
        list(bundles.lines(place, WHERE))
    held = [merged.last(place)]
    (place / merged.NAME).unlink()
    with pytest.raises(Unknown, match="no log 330000/gateway-1"):
        list(bundles.lines(place, WHERE, held=held))


def test_the_command_makes_one_and_checks_it(evidence, tmp_path, monkeypatch):
    monkeypatch.setenv("DATONG_NODE", str(evidence.parent))
    kept, paper = tmp_path / "kept", tmp_path / "export"
    kept.write_bytes(merged.last(evidence).line())
    run = CliRunner()
    made = run.invoke(ledger.app, ["export", "--grant", "S3", "--known", str(kept), "-o", str(paper), "--json"])
    assert made.exit_code == 0 and json.loads(made.stdout)["records"] == 24
    told = run.invoke(ledger.app, ["verify", str(paper), "--key", str(evidence / "node.pub")])
    assert told.exit_code == 0 and "330000/gateway-1: 4 of 20 records" in told.stdout
    one = run.invoke(ledger.app, ["export", "gateway-1", "--grant", "S3", "--known", str(kept), "-o", str(tmp_path / "one")])
    assert one.exit_code == 0 and "4 records" in one.stdout
    paper.write_bytes(paper.read_bytes().replace(b"S3", b"S4", 3))
    assert run.invoke(ledger.app, ["verify", str(paper)]).exit_code == 1
