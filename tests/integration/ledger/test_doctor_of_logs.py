# SPDX-License-Identifier: Apache-2.0
"""The doctor names a log that has less than the newest node checkpoint says."""

import shutil

import pytest

from datong.config.node import doctor
from datong.config.node.folder import NodeConfig, NodeFolder
from datong.crypto import timestamps
from datong.ledger import merged, stamps
from datong.ledger.merging import merge
from factories.evidence import a_log, a_signer, some_records
from factories.time_stamping import a_tsa


@pytest.mark.parametrize("cut", [0, 2])
def test_a_log_that_is_missing_or_was_cut_is_told(tmp_path, cut):
    place = NodeFolder(tmp_path)
    with a_log(place.evidence / "acts", origin="330000/acts") as log:
        log.append(some_records(5))
    merge(place.evidence, "330000", a_signer())
    assert doctor._run("evidence", doctor._evidence, place, None).state == "ok"
    shutil.rmtree(place.evidence / "acts")
    if cut:
        with a_log(place.evidence / "acts", origin="330000/acts") as log:
            log.append(some_records(cut))
    found = doctor._run("evidence", doctor._evidence, place, None)
    assert (found.state, found.found) == (
        "fault",
        f"330000/acts has {cut} records, and 5 were signed in the newest node checkpoint",
    )
    assert "restore" in found.remedy


def test_stamps_that_are_wanted_and_do_not_come_are_told(tmp_path):
    place, node = NodeFolder(tmp_path), {"code": "330000", "name": "节点", "role": "provincial", "secret_key": "x"}
    wanted = NodeConfig(**node, timestamp_url="https://tsa.example.gov.cn/tsr")

    def found(config):
        told = doctor._run("stamps", doctor._stamps, place, config)
        return told.state, told.found

    assert found(NodeConfig(**node)) == ("ok", "no authority is asked")
    assert found(wanted) == ("fault", "tsa.pem is missing")
    authority = a_tsa(tmp_path / "authority")
    with a_log(place.evidence / "acts", origin="330000/acts") as log:
        log.append(some_records(5))
    (place.evidence / stamps.ROOTS).write_bytes(authority.roots)
    assert found(wanted) == ("warning", "none so far, wanted every 24 hours")
    merge(place.evidence, "330000", a_signer())
    newest = merged.last(place.evidence)
    token = timestamps.token_of(authority.answer(timestamps.question(stamps.data_of(newest), 7)))
    stamps.add(place.evidence, stamps.Stamped(newest, token))
    assert found(wanted)[0] == "ok"
