# SPDX-License-Identifier: Apache-2.0
"""An export proves its records to whoever has the key, and nothing in it can be changed unseen, whoever checks it."""

import ast
import base64
import json
import shutil
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datong.kernel import canonical
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.ledger import exports, history
from datong.ledger.exports import known_state, verify_export
from datong.ledger.merkle import BadProof
from datong.ledger.prover import Prover
from datong.ledger.verify import verify_log
from factories.evidence import a_log, a_signer, its_verifier, some_records
from factories.exports import PACKAGE, a_call, a_log_of_calls, an_export, verified_elsewhere

VERIFIER = its_verifier(a_signer())
OTHER = its_verifier(a_signer(number=2))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return a_log_of_calls(tmp_path_factory.mktemp("calls") / "gateway-0")


@pytest.fixture(scope="module")
def key(folder):
    return folder.parent / "node.pub"


@pytest.fixture(scope="module")
def export(folder):
    """Records of one grant of a hundred, and two states of the log held by somebody."""
    known = [mark for _, mark in history.walk(folder)][1:3]
    return an_export(folder, folder.parent / "export.jsonl", known, grant="S3")


def changed(export, target, change):
    """Change one line of an export, given as its facts, and write it in its one form again."""
    lines = [canonical.loads(line) for line in export.read_bytes().splitlines()]
    change(lines)
    target.write_bytes(b"".join(canonical.dumps(line) + b"\n" for line in lines))
    return target


def test_an_export_proves_its_records_to_both(export, key):
    mine, theirs = verify_export(export, VERIFIER), verified_elsewhere(export, key=key)[0]
    assert (mine.ok, mine.records, mine.size, mine.where, list(mine.known)) == (True, 20, 100, {"grant": "S3"}, [23, 37])
    assert (theirs["status"], theirs["records"], theirs["size"], theirs["kind"]) == (0, 20, 100, "export")
    assert mine.key_given
    assert any("23 records" in note for note in theirs["notes"])


def test_without_a_key_both_say_that_it_came_with_the_export(export):
    assert (verify_export(export).ok, verify_export(export).key_given) == (True, False)
    (theirs,) = verified_elsewhere(export)
    assert (theirs["status"], theirs["key_given"]) == (0, False)


def test_one_call_and_none_can_be_exported(folder, key, tmp_path):
    one = an_export(folder, tmp_path / "one", request_id=f"{41:032x}")
    none = an_export(folder, tmp_path / "none", grant="S9")
    assert [verify_export(paper, VERIFIER).records for paper in (one, none)] == [1, 0]
    assert [found["records"] for found in verified_elsewhere(one, none, key=key)] == [1, 0]


def test_records_that_are_no_text_are_carried_too(tmp_path):
    with a_log(tmp_path / "log") as log:
        log.append([b"\xff\xfe", b"", b"plain", *some_records(4)])
    with Prover(tmp_path / "log") as prover:
        found = exports.lines(
            prover, exports.Identity(**json.loads((tmp_path / "log/log.json").read_text())), [0, 1, 2], where={}
        )
        (tmp_path / "export").write_bytes(b"".join(found))
    (tmp_path / "node.pub").write_bytes(a_signer().public_pem())
    assert verify_export(tmp_path / "export", VERIFIER).ok
    assert verified_elsewhere(tmp_path / "export", key=tmp_path / "node.pub")[0]["status"] == 0


CHANGES = {
    "a record": lambda lines: lines[4].update(record=lines[4]["record"].replace("17", "18")),
    "an index": lambda lines: lines[4].update(index=lines[4]["index"] + 1),
    "a path cut": lambda lines: lines[4].update(path=base64.b64encode(base64.b64decode(lines[4]["path"])[:-32]).decode()),
    "a path made longer": lambda lines: lines[4].update(
        path=base64.b64encode(base64.b64decode(lines[4]["path"]) + bytes(32)).decode()
    ),
    "an order": lambda lines: lines.insert(3, lines.pop(4)),
    "a record twice": lambda lines: (lines.insert(4, lines[4]), lines[0].update(records=21)),
    "what they share": lambda lines: lines[0].update(where={"grant": "S4"}),
    "what they share, otherwise": lambda lines: lines[0].update(where={"grant": "S3", "request_id": "0"}),
    "what they share, unknown": lambda lines: lines[0].update(where={"purpose": "x"}),
    "fewer records than said": lambda lines: lines[0].update(records=21),
    "more records than said": lambda lines: lines[0].update(records=19),
    "a count that is none": lambda lines: lines[0].update(records=-1),
    "a field too many": lambda lines: lines[4].update(more="x"),
    "the origin": lambda lines: lines[0].update(origin="330000/other"),
    "the hash": lambda lines: lines[0].update(hash="sm3"),
    "the algorithm": lambda lines: lines[0].update(algorithm="rsa"),
    "the format": lambda lines: lines[0].update(format="datong-export/2"),
    "the key's form": lambda lines: lines[0].update(public_key=lines[0]["public_key"] + "\n"),
    "another key": lambda lines: lines[0].update(public_key=a_signer(number=2).public_pem().decode()),
    "no key": lambda lines: lines[0].update(public_key="-----BEGIN PUBLIC KEY-----"),
    "the size": lambda lines: lines[1].update(size=101),
    "the time": lambda lines: lines[1].update(at="2026-03-01T08:00:00.000Z"),
    "the root": lambda lines: lines[1].update(root="00" * 32),
    "a state of another size": lambda lines: lines[-1]["checkpoint"].update(size=38),
    "a path between": lambda lines: lines[-1].update(path=lines[-2]["path"]),
    "a path between that is empty": lambda lines: lines[-1].update(path=""),
    "a path of broken hashes": lambda lines: lines[4].update(path=lines[4]["path"][:-44] + "AAAA"),
    "a path with spare bits": lambda lines: lines[-1].update(path=lines[-1]["path"][:-4] + "AAB="),
    "a path that is none": lambda lines: lines[4].update(path=7),
    "an end": lambda lines: lines.append({}),
    "the last line gone": lambda lines: lines.pop(),
}


def test_no_change_passes_either_of_them(export, key, tmp_path):
    papers = [changed(export, tmp_path / f"{number}", change) for number, change in enumerate(CHANGES.values())]
    mine = [verify_export(paper, VERIFIER) for paper in papers]
    theirs = verified_elsewhere(*papers, key=key)
    assert [name for name, found in zip(CHANGES, mine, strict=True) if found.ok or not found.reason] == []
    assert [name for name, found in zip(CHANGES, theirs, strict=True) if not found["status"] or not found["reason"]] == []
    assert (mine[0].first_bad, mine[0].line, theirs[0]["first_bad"]) == (13, 5, 13)


@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_no_changed_byte_passes_either_of_them(export, key, tmp_path_factory, data):
    whole, place = export.read_bytes(), tmp_path_factory.mktemp("bytes")
    papers = []
    for number in range(120):
        wrong = bytearray(whole)
        at, flip = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
        wrong[at] ^= flip
        papers.append(place / f"{number}-{at}-{flip}")
        papers[-1].write_bytes(wrong)
    assert [paper.name for paper in papers if verify_export(paper, VERIFIER).ok] == []
    given_key = verified_elsewhere(*papers, key=key)
    assert [found["subject"] for found in given_key if not found["status"]] == []


def test_no_byte_added_or_taken_passes_either_of_them(export, key, tmp_path):
    whole = export.read_bytes()
    papers = {
        "longer": whole + b"\n",
        "space": whole.replace(b":", b": ", 1),
        "shorter": whole[:-1],
        "half": whole[:2000],
        "empty": b"",
    }
    for name, text in papers.items():
        (tmp_path / name).write_bytes(text)
    assert [name for name in papers if verify_export(tmp_path / name, VERIFIER).ok] == []
    assert [
        found["subject"] for found in verified_elsewhere(*(tmp_path / name for name in papers), key=key) if not found["status"]
    ] == []


def test_another_key_is_named_by_both(export, tmp_path):
    (tmp_path / "other.pub").write_bytes(a_signer(number=2).public_pem())
    assert OTHER.key_id in verify_export(export, OTHER).reason
    assert OTHER.key_id in verified_elsewhere(export, key=tmp_path / "other.pub")[0]["reason"]


def test_a_log_that_does_not_go_on_from_what_somebody_holds_is_not_exported(folder, tmp_path):
    with a_log(tmp_path / "log") as log:
        log.append([a_call(number) for number in range(1, 24)])
        held = known_state(log.checkpoint.line().decode())
    with pytest.raises(BadProof):
        an_export(folder, tmp_path / "export", [held], grant="S3")
    with a_log(tmp_path / "log") as log:
        receipt = log.append([a_call(number) for number in range(200)])[0].encode()
    with pytest.raises(Unknown):
        an_export(folder, tmp_path / "export", [known_state(f"Datong-Receipt: {receipt}\n")], grant="S3")
    for nothing in ("", "{}", "x"):
        with pytest.raises(Malformed):
            known_state(nothing)


def test_receipts_pairs_and_logs_are_checked_elsewhere_too(folder, key, tmp_path):
    with Prover(folder) as prover:
        (tmp_path / "receipt").write_text(f"Datong-Receipt: {prover.inclusion(50).encode()}\n")
        proof = exports.pair(prover.consistency(prover.checkpoint(37), prover.checkpoint(77)))
    (tmp_path / "pair").write_text(json.dumps(proof, indent=2))
    found = verified_elsewhere(tmp_path / "receipt", tmp_path / "pair", folder, folder.parent, key=key)
    assert [(one["status"], one["kind"], one["size"]) for one in found] == [
        (0, "receipt", 100), (0, "pair", 77), (0, "log", 100), (0, "log", 100),
    ]  # fmt: skip
    wrong = dict(proof, first=proof["second"], second=proof["first"])
    (tmp_path / "pair").write_text(json.dumps(wrong))
    text = (tmp_path / "receipt").read_text()
    (tmp_path / "receipt").write_text(text[:300] + ("A" if text[300] != "A" else "B") + text[301:])
    nothing = tmp_path / "nothing"
    nothing.write_text("{}")
    found = verified_elsewhere(tmp_path / "receipt", tmp_path / "pair", nothing, tmp_path / "absent", tmp_path, key=key)
    assert [one["status"] for one in found] == [1, 1, 2, 2, 1]
    assert verified_elsewhere(tmp_path / "receipt")[0]["status"] == 2


def test_a_log_of_sm2_is_named_as_not_checked(tmp_path):
    signer = a_signer("sm2")
    folder = a_log_of_calls(tmp_path / "gateway-0", signer=signer)
    paper = an_export(folder, tmp_path / "export", grant="S3")
    assert verify_export(paper, its_verifier(signer)).ok
    found = verified_elsewhere(paper, folder)
    assert [one["status"] for one in found] == [3, 3]
    assert all("SM2" in one["reason"] for one in found)


def test_the_offline_verifier_shares_nothing_with_datong():
    files = sorted((PACKAGE / "src").rglob("*.py"))
    taken = {
        name.split(".")[0]
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [one.name for one in getattr(node, "names", [])])
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    standard = {
        "argparse",
        "base64",
        "binascii",
        "collections",
        "dataclasses",
        "datetime",
        "hashlib",
        "json",
        "pathlib",
        "re",
        "struct",
        "sys",
        "typing",
    }
    assert taken - standard == {"cryptography", "datong_verify"}
    wanted = tomllib.loads((PACKAGE / "pyproject.toml").read_text("utf-8"))["project"]
    assert [one.split(">")[0] for one in wanted["dependencies"]] == ["cryptography"]
    assert Path(PACKAGE / wanted["readme"]).is_file()


def test_an_error_of_ours_is_never_raised_over_an_export(tmp_path):
    for text in (b"\xff\n", b"[]\n", b"{}\n", b"1\n", b'{"format":"datong-export/1"}\n'):
        (tmp_path / "export").write_bytes(text)
        try:
            assert not verify_export(tmp_path / "export").ok
        except DatongError as error:
            pytest.fail(str(error))


def test_both_name_the_same_first_bad_record_of_a_log(folder, key, tmp_path):
    copies = []
    for number in range(36):
        copies.append(shutil.copytree(folder, tmp_path / f"{number:02d}" / "log"))
        file = sorted([*copies[-1].glob("*.seg"), copies[-1] / history.NAME])[number % 4]
        data = bytearray(file.read_bytes())
        data[number * 977 % len(data)] ^= 1 << number % 8
        file.write_bytes(data[: -number * 5] if number % 9 == 8 else data)
    mine = [verify_log(copy, VERIFIER) for copy in copies]
    theirs = verified_elsewhere(*copies, key=key)
    assert [(not one.ok, one.first_bad) for one in mine] == [(bool(one["status"]), one["first_bad"]) for one in theirs]
    assert sum(one.ok for one in mine) < 6


@pytest.mark.parametrize("name", ["log.json", "checkpoints"])
def test_a_log_without_one_of_its_files_is_not_good(folder, key, tmp_path, name):
    copy = shutil.copytree(folder, tmp_path / "log")
    (copy / name).unlink()
    (found,) = verified_elsewhere(copy, key=key)
    assert (found["status"], found["records"]) == ((1, 0) if name == "log.json" else (0, 0))
    (copy / "log.json").write_text('{"format":"datong-log/2"}')
    assert verified_elsewhere(copy, key=key)[0]["first_bad"] == 0
