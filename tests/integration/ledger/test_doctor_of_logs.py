# SPDX-License-Identifier: Apache-2.0
"""The doctor names a log that has less than the newest node checkpoint says."""

import shutil

import pytest

from datong.config.node import doctor
from datong.config.node.folder import NodeFolder
from datong.ledger.merging import merge
from factories.evidence import a_log, a_signer, some_records


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
