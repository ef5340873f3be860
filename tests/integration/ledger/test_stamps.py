# SPDX-License-Identifier: Apache-2.0
"""Stamped node checkpoints in a folder, alone and in an export: both verifiers say who stamped, and find what was changed."""

import json
import shutil
import subprocess

import pytest
from typer.testing import CliRunner

from datong.config.cli import ledger
from datong.crypto import der, timestamps
from datong.kernel import canonical
from datong.kernel.errors import DatongError
from datong.ledger import bundles, merged, stamps
from datong.ledger.merging import merge
from datong.ledger.stamps import Stamped
from factories.evidence import a_log, a_signer, its_verifier
from factories.exports import a_call, a_log_of_calls, verified_elsewhere
from factories.time_stamping import a_tsa, ring

NODE = "330000"
VERIFIER = its_verifier(a_signer())


def stamped(evidence, authority):
    node = merged.last(evidence)
    token = timestamps.token_of(authority.answer(timestamps.question(stamps.data_of(node), 7)))
    stamps.add(evidence, Stamped(node, token))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("stamps")


@pytest.fixture(scope="module")
def authority(place):
    return a_tsa(place / "authority")


@pytest.fixture(scope="module")
def other(place):
    return a_tsa(place / "other")


@pytest.fixture(scope="module")
def evidence(place, authority):
    """Calls and acts, stamped twice; a record of grant S3 came behind the first stamp, one of S4 behind both."""
    folder = place / "evidence"
    a_log_of_calls(folder / "gateway-0", (3, 6), origin=f"{NODE}/gateway-0")
    a_log_of_calls(folder / "acts", (2,), origin=f"{NODE}/acts")
    for number in (13, 14):
        merge(folder, NODE, a_signer())
        stamped(folder, authority)
        with a_log(folder / "gateway-0", origin=f"{NODE}/gateway-0") as log:
            log.append([a_call(number)])
    merge(folder, NODE, a_signer())
    (folder / stamps.ROOTS).write_bytes(authority.roots)
    return folder


@pytest.fixture(scope="module")
def one(evidence, place):
    """The newest stamp as a file to keep."""
    file = place / "stamp.json"
    file.write_bytes(stamps.last(evidence).line())
    return file


def outcome(*papers, evidence, **options):
    return [(one["kind"], one["status"]) for one in verified_elsewhere(*papers, key=evidence / "node.pub", **options)]


def test_a_folder_is_good_with_its_stamps_for_both(evidence, authority):
    done = CliRunner().invoke(ledger.app, ["verify", str(evidence), "--json"])
    assert done.exit_code == 0 and [one["note"] for one in json.loads(done.output)["logs"] if one["stamped"]] == [""]
    found = verified_elsewhere(evidence, key=evidence / "node.pub")
    assert [(one["kind"], one["status"]) for one in found] == [("log", 0), ("log", 0), ("node", 0), ("stamps", 0)]
    assert (
        found[-1]["records"] == 2
        and "CN=Test TSA" in found[-1]["notes"][-1]
        and "came with the evidence" in found[-1]["notes"][0]
    )


def test_a_stamp_alone_is_checked_by_roots_from_elsewhere_and_by_openssl(evidence, one, authority, place):
    roots = authority.folder / "root.crt"
    (found,) = verified_elsewhere(one, key=evidence / "node.pub", tsa=roots)
    assert outcome(one, evidence=evidence) == [("stamps", 3)]
    assert (found["status"], found["kind"], found["records"]) == (0, "stamps", 1) and "says CN=Test TSA" in found["notes"][0]
    facts = json.loads(one.read_text())
    (place / "stamp.tst").write_bytes(stamps.parse(one.read_bytes()).token)
    (place / "checkpoint").write_bytes(canonical.dumps(facts["checkpoint"]))
    command = ["openssl", "ts", "-verify", "-data", "checkpoint", "-in", "stamp.tst", "-token_in", "-CAfile", str(roots)]
    assert b"OK" in subprocess.run(command, cwd=place, capture_output=True, check=True).stdout


def test_another_root_key_or_checkpoint_is_found_by_both(evidence, one, place, other):
    roots = timestamps.roots_of(other.roots)
    line, earlier = stamps.last(evidence), next(stamps.walk(evidence))
    with pytest.raises(DatongError, match="none of the roots"):
        line.check(VERIFIER, roots)
    swapped = Stamped(earlier.node, line.token).line()
    with pytest.raises(DatongError, match="something else"):
        stamps.parse(swapped)
    changed = [place / "swapped.json", place / "changed.json"]
    changed[0].write_bytes(swapped)
    changed[1].write_bytes(one.read_bytes().replace(b'"token":"MII', b'"token":"MIJ'))
    assert outcome(one, *changed, evidence=evidence, tsa=other.folder / "root.crt") == [("stamps", 1)] * 3


def test_hostile_certificates_in_a_stamp_neither_hold_a_verifier_up_nor_break_it(evidence, place, authority):
    node, roots = merged.last(evidence), timestamps.roots_of(authority.roots)

    def by(stamping):
        return timestamps.token_of(stamping.answer(timestamps.question(stamps.data_of(node), 7)))

    way = by(ring(a_tsa(place / "way"), 12))
    many = by(ring(a_tsa(place / "many"), timestamps.MOST_CERTIFICATES))
    named = by(authority).replace(b"\x0c\x12Middle of Test TSA", b"\x03\x12Middle of Test TSA")
    long = der.write(der.SEQUENCE, der.write(der.OID, b"\x2a" + b"\x81" * 9_000 + b"\x01"))
    hostile = {"way": way, "many": many, "named": named, "long": long}
    words = ("none of the roots", "cannot be read", "not in it", "cannot be read")
    for token, said in zip(hostile.values(), words, strict=True):
        with pytest.raises(timestamps.BadStamp, match=said):
            timestamps.check(token, stamps.data_of(node), roots)
    papers = [place / f"{name}.json" for name in hostile]
    for token, paper in zip(hostile.values(), papers, strict=True):
        paper.write_bytes(Stamped(node, token).line())
    assert outcome(*papers, evidence=evidence, tsa=authority.folder / "root.crt") == [("stamps", 1)] * 4


def test_a_stamp_is_found_whose_checkpoint_left_the_series_and_lines_out_of_order(evidence, tmp_path):
    copy = shutil.copytree(evidence, tmp_path / "evidence")
    lines = (copy / stamps.NAME).read_bytes().splitlines(keepends=True)
    (copy / merged.NAME).write_bytes((copy / merged.NAME).read_bytes().splitlines(keepends=True)[0])
    (tmp_path / "turned.json").write_bytes(lines[1] + lines[0])
    assert outcome(copy / stamps.NAME, tmp_path / "turned.json", evidence=evidence) == [("stamps", 1)] * 2


def exported(evidence, target, grant):
    target.write_bytes(b"".join(bundles.lines(evidence, {"grant": grant})))
    return target


@pytest.mark.parametrize(("grant", "number"), [("S1", 0), ("S3", 1), ("S4", None)])
def test_an_export_carries_the_earliest_stamp_that_covers_all_its_records(evidence, tmp_path, authority, grant, number):
    paper = exported(evidence, tmp_path / "export", grant)
    found = bundles.verify(paper, VERIFIER, timestamps.roots_of(authority.roots))
    lines = paper.read_bytes().splitlines(keepends=True)
    (theirs,) = verified_elsewhere(paper, key=evidence / "node.pub", tsa=authority.folder / "root.crt")
    assert found.ok and theirs["status"] == 0
    assert [note for note in theirs["notes"] if "says CN=Test TSA" in note] == theirs["notes"][-1:] * (number is not None)
    if number is None:
        assert (found.stamped, found.authority) == ("", "") and b'"stamp":0' in lines[0]
    else:
        assert found.stamped and found.authority == "CN=Test TSA" and stamps.parse(lines[2]).node.number == number


def test_nothing_of_a_stamp_in_an_export_can_be_exchanged(evidence, tmp_path, other):
    paper = exported(evidence, tmp_path / "export", "S3")
    lines = paper.read_bytes().splitlines(keepends=True)
    earlier = next(stamps.walk(evidence)).line()
    head = lines[0].replace(b'"stamp":1', b'"stamp":0')
    hands = [[*lines[:2], earlier, *lines[3:]], [head, *lines[1:]], [*lines[:2], *lines[3:]], [*lines[:2], b"{}\n", *lines[3:]]]
    papers = [tmp_path / str(number) for number in range(len(hands))]
    for changed, target in zip(hands, papers, strict=True):
        target.write_bytes(b"".join(changed))
        assert not bundles.verify(target, VERIFIER).ok
    assert not bundles.verify(paper, VERIFIER, timestamps.roots_of((other.folder / "root.crt").read_bytes())).ok
    unchecked, *found = verified_elsewhere(paper, *papers, key=evidence / "node.pub")
    assert unchecked["status"] == 0 and "not checked" in unchecked["notes"][-1]
    assert [(one["kind"], one["status"]) for one in found] == [("exports", 1)] * 4
    assert bundles.verify(paper, VERIFIER).authority == ""


def test_the_command_shows_the_newest_and_says_whose_stamp_an_export_has(evidence, tmp_path, authority):
    run = CliRunner().invoke
    shown = run(ledger.app, ["show", str(evidence / stamps.NAME), "--json"])
    assert stamps.parse(shown.output.encode()) == stamps.last(evidence)
    assert "stamped" in run(ledger.app, ["show", str(evidence / stamps.NAME)]).output
    paper = exported(evidence, tmp_path / "export", "S3")
    roots = str(authority.folder / "root.crt")
    assert "says CN=Test TSA" in run(ledger.app, ["verify", str(paper), "--tsa", roots]).output
    assert "NOT checked" in run(ledger.app, ["verify", str(paper)]).output
