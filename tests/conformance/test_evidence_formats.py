# SPDX-License-Identifier: Apache-2.0
"""Fixed files of evidence: what is written today is what was written then, and both verifiers judge each file as it was judged."""

import itertools
import json
from pathlib import Path

import pytest

from datong.crypto import timestamps
from datong.crypto.keys import load_verifier
from datong.kernel.errors import DatongError
from datong.ledger import bundles, checkpoints, merged, notes, noting, stamps
from datong.ledger.merging import merge
from factories.evidence import a_log, a_signer
from factories.exports import verified_elsewhere

VECTORS = Path(__file__).parent / "vectors" / "evidence"
CASES = json.loads((VECTORS / "cases.json").read_text("utf-8"))["cases"]
NODE = "330000"
KEY = VECTORS / "node.pub"
ROOTS = VECTORS / "tsa.pem"
WRITTEN = ("node-checkpoint.json", "exports.jsonl", "gateway-0.note")


def write(folder: Path, target: Path, patch: pytest.MonkeyPatch) -> None:
    """Write the files anew: two logs, three calls of one grant in them, merged twice; every second is named."""
    seconds = itertools.count()
    patch.setattr(checkpoints, "now", lambda: f"2026-03-01T08:00:{next(seconds):02d}.000Z")
    for name, calls in (("gateway-0", "ABA"), ("gateway-1", "BA")):
        with a_log(folder / name, origin=f"{NODE}/{name}") as log:
            for number, grant in enumerate(calls):
                log.append([json.dumps({"grant": grant, "kind": "call", "request_id": f"{name}-{number}"}).encode()])
        merge(folder, NODE, a_signer())
    (target / "gateway-0.note").write_bytes(noting.renewed(folder / "gateway-0", a_signer()).line())
    first, newest = [one for _, one in merged.walk(folder)]
    (target / "node-checkpoint.json").write_bytes(newest.line())
    (target / "exports.jsonl").write_bytes(b"".join(bundles.lines(folder, {"grant": "A"}, held=[first])))


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """Each case as a file: one that is kept as it is, or one with a text in it exchanged."""
    place = tmp_path_factory.mktemp("papers")
    for case in CASES:
        old, new = (text.encode() for text in case.get("exchanged", ("", "")))
        whole = (VECTORS / case["file"]).read_bytes()
        assert old in whole
        (place / case["name"]).write_bytes(whole.replace(old, new, 1))
    return place


def test_what_is_written_today_is_what_was_written_then(tmp_path, monkeypatch):
    write(tmp_path / "evidence", tmp_path, monkeypatch)
    for name in WRITTEN:
        assert (tmp_path / name).read_bytes() == (VECTORS / name).read_bytes(), name


def test_the_offline_verifier_judges_each_as_it_was_judged(papers):
    found = verified_elsewhere(*(papers / case["name"] for case in CASES), key=KEY, tsa=ROOTS)
    assert {Path(one["subject"]).name: one["status"] == 0 for one in found} == {case["name"]: case["good"] for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_node_judges_each_as_it_was_judged(papers, case):
    verifier, roots = load_verifier(KEY.read_bytes()), timestamps.roots_of(ROOTS.read_bytes())
    paper = papers / case["name"]
    try:
        if case["file"] == "exports.jsonl":
            good = bundles.verify(paper, verifier, roots).ok
        elif case["file"] == "stamp.json":
            good = stamps.parse(paper.read_bytes()).check(verifier, roots) == "CN=Test TSA"
        elif case["file"] == "gateway-0.note":
            good = notes.parse(paper.read_bytes()).check(verifier) is None
        else:
            good = merged.parse(paper.read_bytes()).check(verifier) is None
    except DatongError:
        good = False
    assert good == case["good"]
