# SPDX-License-Identifier: Apache-2.0
"""A log's newest note: signed at most once a second, only when the log has grown, never over a log that was forked."""

import json
import os
import shutil

import pytest
from typer.testing import CliRunner

from datong.config.cli import ledger
from datong.crypto.keys import generate
from datong.crypto.signing import BadSignature
from datong.kernel.errors import DatongError, Unavailable, Unknown
from datong.ledger import exports, frames, notes, noting, pruning
from datong.ledger.merkle import BadProof
from datong.ledger.prover import Prover
from datong.ledger.recovery import Damaged
from datong.ledger.verify import verify_directory
from factories.evidence import a_log, a_signer, its_verifier
from factories.exports import a_call, a_log_of_calls, an_export

ORIGIN = "330000/gateway-0"
RUN = CliRunner()


@pytest.fixture
def folder(tmp_path):
    return a_log_of_calls(tmp_path / "evidence" / "gateway-0", (3, 4), origin=ORIGIN)


def grow(folder, count=40, record=a_call, origin=ORIGIN):
    with a_log(folder, origin=origin, segment_bytes=1000) as log:
        log.append([record(number) for number in range(log.size, log.size + count)])


def a_second_later(folder):
    """Let the note of a log be older than a second."""
    os.utime(folder / noting.NAME, (0, 0))


def a_fork(folder, size=20):
    """Put in the place of a log another of its name."""
    shutil.rmtree(folder, ignore_errors=True)
    a_log_of_calls(folder, (1,), origin=ORIGIN)
    grow(folder, size - 1, lambda number: b"another history %d" % number)


def test_a_note_is_signed_when_the_log_has_grown_and_a_second_has_passed(folder, monkeypatch):
    first = noting.renewed(folder, a_signer())
    assert (first.origin, first.size, noting.kept(folder)) == (ORIGIN, 7, first)
    grow(folder)
    signed = (folder / noting.NAME).stat().st_mtime
    monkeypatch.setattr(noting, "time", lambda: signed + 0.9)
    assert noting.renewed(folder, a_signer()) == first
    monkeypatch.setattr(noting, "time", lambda: signed + 1.1)
    second = noting.renewed(folder, a_signer())
    assert (second.size, notes.opened(second.line(), notes.key_of(ORIGIN, a_signer()))) == (47, second)
    a_second_later(folder)
    assert noting.renewed(folder, a_signer()) == second
    assert (folder / noting.NAME).stat().st_mtime == 0  # nothing was signed, nothing written
    with Prover(folder) as prover:
        assert prover.consistency(first, second).path  # what was kept yesterday is a beginning of today's


def test_a_log_that_was_forked_cut_or_renoted_gets_none(folder):
    kept = noting.renewed(folder, a_signer()).line()
    a_fork(folder)
    (folder / noting.NAME).write_bytes(kept)
    a_second_later(folder)
    with pytest.raises(Damaged, match="does not go on from the 7 records"):
        noting.renewed(folder, a_signer())
    a_fork(folder, 5)
    (folder / noting.NAME).write_bytes(kept)
    a_second_later(folder)
    with pytest.raises(Damaged, match="shrank from 7 to 5"):
        noting.renewed(folder, a_signer())
    for bad in (b"x", kept.replace(b"\n7\n", b"\n8\n"), kept.replace(ORIGIN.encode(), b"330000/acts")):
        (folder / noting.NAME).write_bytes(bad)
        with pytest.raises(Damaged, match="cannot be gone on from"):
            noting.renewed(folder, a_signer())
    (folder / noting.NAME).write_bytes(notes.sign(a_signer(), _state_of_acts(folder)).line())
    with pytest.raises(Damaged, match="is of 330000/acts"):
        noting.renewed(folder, a_signer())
    (folder / noting.NAME).write_bytes(b"")  # as a loss of power may leave it
    assert noting.renewed(folder, a_signer()).size == 5


def _state_of_acts(folder):
    with Prover(a_log_of_calls(folder.parent / "acts", (2,), origin="330000/acts")) as prover:
        return prover.checkpoint()


def test_what_was_removed_after_its_years_holds_no_note_up(folder):
    first = noting.renewed(folder, a_signer())
    grow(folder, 60)
    grow(folder, 3)
    with Prover(folder) as prover:
        prover.checkpoint()
    assert pruning.prune(folder, frames.segments(folder)[-1].first, a_signer()).size > first.size
    a_second_later(folder)
    assert noting.renewed(folder, a_signer()).size == 70


def test_what_has_no_note_is_told(folder, tmp_path):
    with a_log(tmp_path / "empty"):
        pass
    with pytest.raises(Unknown, match="the log is empty"):
        noting.renewed(tmp_path / "empty", a_signer())
    a_log_of_calls(tmp_path / "sm2" / "acts", (2,), signer=a_signer("sm2"))
    with pytest.raises(Unknown, match="SM2"):
        noting.renewed(tmp_path / "sm2" / "acts", a_signer("sm2"))
    with pytest.raises(Unknown):
        noting.renewed(tmp_path / "none", a_signer())
    grow(folder, 100)
    with pytest.raises(Unavailable, match="being prepared"):
        noting.renewed(folder, a_signer(), most=32)
    (folder / f"{noting.NAME}.new").mkdir()
    with pytest.raises(Unavailable, match="cannot be kept"):
        noting.renewed(folder, a_signer())


def test_a_note_stands_where_a_checkpoint_known_from_before_does(folder, tmp_path):
    known = exports.known_state(noting.renewed(folder, a_signer()).line().decode())
    grow(folder)
    assert [one.ok for one in verify_directory(folder.parent, known=[known])] == [True]
    paper = an_export(folder, tmp_path / "export", known=[known], grant="S3")
    assert exports.verify_export(paper, its_verifier(a_signer())).known == (7,)
    a_fork(folder, 50)
    (found,) = verify_directory(folder.parent, known=[known])
    assert (found.ok, found.first_bad) == (False, 1)
    with pytest.raises(BadProof):
        an_export(folder, tmp_path / "of-the-fork", known=[known], grant="S3")


def run(*words, status=0):
    done = RUN.invoke(ledger.app, [str(word) for word in words])
    assert done.exit_code == status, done.output
    return done.stdout


def test_the_commands_sign_show_and_check(tmp_path, monkeypatch):
    signer = generate(tmp_path / "node.key")
    folder = a_log_of_calls(tmp_path / "evidence" / "gateway-0", (3, 4), origin=ORIGIN, signer=signer)
    monkeypatch.setenv("DATONG_NODE", str(tmp_path))
    note, vkey, public = tmp_path / "a.note", tmp_path / "a.vkey", folder.parent / "node.pub"
    note.write_text(run("note", "gateway-0"))
    vkey.write_text(run("key", "gateway-0"))
    assert run("key", "gateway-0", "--key", public) == vkey.read_text()
    facts = json.loads(run("note", "gateway-0", "--json"))
    assert (facts["note"], facts["verifier_key"], facts["size"]) == (note.read_text(), vkey.read_text().strip(), 7)
    for key in (public, vkey):
        assert "has 7 records" in run("verify", note, "--key", key)
    assert "good" in run("verify", folder.parent, "--known", note)
    copy = shutil.copytree(folder.parent, tmp_path / "copy" / "evidence")  # without the key: what came along is shown
    assert run("note", copy / "gateway-0") == note.read_text()
    note.write_text(note.read_text().replace("\n7\n", "\n8\n"))
    assert "NOT as it was signed" in run("verify", note, "--key", vkey, status=1)
    assert json.loads(run("verify", note, "--key", vkey, "--json", status=1))["size"] == 8


def test_what_the_commands_cannot_do_is_told(folder, tmp_path):
    with pytest.raises(Unknown, match="no note of"):
        RUN.invoke(ledger.app, ["note", str(folder)], catch_exceptions=False)
    (tmp_path / "a.note").write_bytes(noting.renewed(folder, a_signer()).line())
    with pytest.raises(DatongError, match="carries no public key"):
        RUN.invoke(ledger.app, ["verify", str(tmp_path / "a.note")], catch_exceptions=False)
    with pytest.raises(BadSignature):
        noting.kept(folder).check(its_verifier(a_signer(number=2)))
