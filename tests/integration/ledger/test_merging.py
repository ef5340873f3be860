# SPDX-License-Identifier: Apache-2.0
"""One signed line over all logs of a node: whatever is taken from them later is named by whoever keeps it, by both verifiers."""

import os
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datong.kernel.errors import Unavailable
from datong.ledger import files, frames, history, merged, pruning
from datong.ledger.merging import merge
from datong.ledger.recovery import Damaged
from datong.ledger.verify import verify_directory
from factories.evidence import a_log, a_signer, its_verifier, some_records
from factories.exports import verified_elsewhere

NODE = "330000"
LOGS = ("acts", "gateway-0", "gateway-1")
VERIFIER = its_verifier(a_signer())


def grow(evidence, log, count, start=0):
    with a_log(evidence / log, origin=f"{NODE}/{log}", segment_bytes=300) as opened:
        opened.append(some_records(count, start + opened.size))


def merging(evidence, **options):
    return merge(evidence, NODE, a_signer(), **options)


@pytest.fixture
def evidence(tmp_path):
    """Three logs, merged twice: the second time one of them had grown."""
    place = tmp_path / "evidence"
    for log in LOGS:
        grow(place, log, 5)
    merging(place)
    grow(place, "gateway-0", 40)
    merging(place)
    (place / "node.pub").write_bytes(a_signer().public_pem())
    return place


def bad(evidence, **options):
    """Give what is wrong by our verification, by the name of what is bad."""
    return {report.origin: report.reason for report in verify_directory(evidence, VERIFIER, **options) if not report.ok}


def bad_elsewhere(evidence, *papers):
    return [one["reason"] for one in verified_elsewhere(evidence, *papers, key=evidence / "node.pub") if one["status"]]


def test_a_merging_pins_every_log_and_is_written_when_one_has_grown(evidence):
    newest = merged.last(evidence)
    assert (newest.number, [(mark.origin, mark.size) for mark in newest.logs]) == (
        1, [("330000/acts", 5), ("330000/gateway-0", 45), ("330000/gateway-1", 5)],
    )  # fmt: skip
    assert merging(evidence).made is None
    reports = verify_directory(evidence)
    assert [(one.origin, one.ok, one.size, one.merged) for one in reports] == [
        ("330000/acts", True, 5, False), ("330000/gateway-0", True, 45, False), ("330000/gateway-1", True, 5, False),
        ("330000", True, 2, True),
    ]  # fmt: skip


def test_a_killed_merging_leaves_an_unfinished_line_that_counts_for_nothing(evidence):
    with (evidence / merged.NAME).open("ab") as file:
        file.write(b'{"at":')
    assert bad(evidence) == {}
    grow(evidence, "acts", 1)
    assert merging(evidence).made.number == 2 and bad(evidence) == {}


def test_nobody_merges_beside_another_and_nothing_is_merged_where_there_is_nothing(evidence, tmp_path):
    held = files.lock(evidence / merged.NAME, wait=False)
    with pytest.raises(Unavailable):
        merging(evidence)
    os.close(held)
    assert merging(tmp_path / "empty").made is None and not (tmp_path / "empty").exists()


def test_a_missing_log_is_named_and_does_not_hold_the_others(evidence):
    shutil.rmtree(evidence / "gateway-1")
    grow(evidence, "acts", 2)
    done = merging(evidence)
    assert list(done.troubles) == ["330000/gateway-1"] and done.made.of("330000/acts").size == 7
    assert "330000/gateway-1 is missing" in bad(evidence)["330000"]


def cut(evidence, log, records):
    """Make a log anew as it was before its last records, with the node's own key."""
    shutil.rmtree(evidence / log)
    grow(evidence, log, records)


def test_a_log_of_another_node_is_named_and_does_not_hold_the_others(evidence):
    with a_log(evidence / "gateway-7", origin="110000/gateway-7") as log:
        log.append(some_records(2))
    grow(evidence, "acts", 1)
    done = merging(evidence)
    assert done.troubles == {"110000/gateway-7": "the log 110000/gateway-7 is none of node 330000"}
    assert [mark.origin for mark in done.made.logs] == [f"{NODE}/{log}" for log in LOGS]


def test_a_log_cut_at_a_checkpoint_is_named_though_it_agrees_with_itself(evidence):
    cut(evidence, "gateway-0", 5)
    assert "shrank from 45 to 5" in merging(evidence).troubles["330000/gateway-0"]
    assert "ends before record 5, but a node checkpoint" in bad(evidence)["330000/gateway-0"]


def test_a_log_of_another_history_is_named(evidence):
    shutil.rmtree(evidence / "gateway-0")
    grow(evidence, "gateway-0", 60, start=7)
    assert "not" in merging(evidence).troubles["330000/gateway-0"]
    assert "are not those that were signed by a node checkpoint" in bad(evidence)["330000/gateway-0"]


def test_whoever_holds_a_line_sees_a_series_cut_forked_or_thrown_away(evidence):
    held = [merged.last(evidence)]
    lines = (evidence / merged.NAME).read_bytes().splitlines(keepends=True)
    assert bad(evidence, held=held) == {}
    (evidence / merged.NAME).write_bytes(lines[0])
    assert "ends before node checkpoint 1" in bad(evidence, held=held)[NODE]
    (evidence / merged.NAME).unlink()
    assert "ends before node checkpoint 0" in bad(evidence, held=held)[""]
    merging(evidence)
    grow(evidence, "acts", 1)
    merging(evidence)
    assert "forked" in bad(evidence, held=held)[NODE]
    shutil.rmtree(evidence / "gateway-1")
    (evidence / merged.NAME).unlink()
    assert "330000/gateway-1 is missing" in bad(evidence, held=held)["330000/gateway-1"]


def test_a_series_of_another_key_or_node_is_not_gone_on_from(evidence):
    with pytest.raises(Damaged):
        merge(evidence, "440000", a_signer())
    with pytest.raises(Damaged):
        merge(evidence, NODE, a_signer(number=2))


def test_a_lost_line_of_a_log_is_no_fault_where_its_records_still_lead_to_what_was_pinned(evidence):
    """After a power failure the line may be gone; the records are not."""
    lines = (evidence / "gateway-0" / history.NAME).read_bytes().splitlines(keepends=True)
    (evidence / "gateway-0" / history.NAME).write_bytes(b"".join(lines[:-1]))
    (evidence / "gateway-0" / "state").unlink()
    grow(evidence, "gateway-0", 1)
    assert bad(evidence) == {} and merging(evidence).troubles == {}


def test_a_pruned_log_stays_pinned(evidence):
    grow(evidence, "gateway-0", 30)
    merging(evidence)
    starts = [segment.first for segment in frames.segments(evidence / "gateway-0")]
    pruning.prune(evidence / "gateway-0", starts[-1], a_signer())
    grow(evidence, "gateway-0", 3)
    assert merging(evidence).troubles == {} and bad(evidence) == {}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.sampled_from([*LOGS, "merge"]), min_size=1, max_size=8),
    at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7),
)  # fmt: skip
def test_no_bit_of_a_series_can_be_changed(tmp_path_factory, steps, at, bit):
    place = tmp_path_factory.mktemp("grown")
    grow(place, "acts", 1)
    for step in [*steps, "merge"]:
        if step == "merge":
            merging(place)
        else:
            grow(place, step, 2)
    (place / "node.pub").write_bytes(a_signer().public_pem())
    assert bad(place) == {}
    held = [one for _, one in merged.walk(place)]
    raw = bytearray((place / merged.NAME).read_bytes())
    raw[int(at * len(raw))] ^= 1 << bit
    (place / merged.NAME).write_bytes(raw)
    assert bad(place, held=held)


def test_the_other_verifier_says_the_same(evidence, tmp_path):
    kept = tmp_path / "kept.json"
    kept.write_bytes(merged.last(evidence).line())
    found = {one["subject"]: one for one in verified_elsewhere(evidence, kept, key=evidence / "node.pub")}
    assert not any(one["status"] for one in found.values()) and len(found) == 5
    assert (found[str(kept)]["kind"], found[str(kept)]["size"]) == ("node", 55)
    cut(evidence, "gateway-0", 5)
    shutil.rmtree(evidence / "gateway-1")
    told = bad_elsewhere(evidence)
    assert len(told) == 2 and "ends before record 5" in told[0] and "330000/gateway-1 is missing" in told[1]
    shutil.rmtree(evidence / "gateway-0")
    grow(evidence, "gateway-0", 60, start=7)
    lines = (evidence / merged.NAME).read_bytes().splitlines(keepends=True)
    (evidence / merged.NAME).write_bytes(lines[1])
    told = bad_elsewhere(evidence)
    assert "that a node checkpoint pins" in told[0] and "begin with number 0" in told[1]
    kept.write_bytes(lines[0] + lines[1].replace(b'"number":1', b'"number":2'))
    assert "was changed" in bad_elsewhere(evidence, kept)[-1]
    assert verified_elsewhere(kept)[0]["status"] == 2
