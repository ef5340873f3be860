# SPDX-License-Identifier: Apache-2.0
"""The picture of a proof holds what the proof holds, and fits a phone."""

import pytest

from datong.contexts.audit.pages.trees import BOX, MIDDLE, WIDTH, picture
from factories.evidence import a_log, some_records


@pytest.mark.parametrize("size", [1, 2, 3, 8, 13])
def test_the_way_leads_from_the_leaf_to_the_signed_root(tmp_path, size):
    with a_log(tmp_path / "log") as log:
        for receipt in log.append(some_records(size)):
            drawn = picture(receipt)
            own = [spot for spot in drawn.spots if spot.own]
            other = [spot for spot in drawn.spots if not spot.own]
            assert (own[0].hash, own[-1].hash) == (receipt.leaf.hex(), receipt.checkpoint.root.hex())
            assert [bytes.fromhex(spot.hash) for spot in other] == [*receipt.path]
            assert (own[0].records, own[-1].first, own[-1].last) == (str(receipt.index), 0, size - 1)
            for below, beside, above in zip(own, other, own[1:], strict=False):
                covered = sorted([(below.first, below.last), (beside.first, beside.last)])
                assert covered[0][1] + 1 == covered[1][0]
                assert (covered[0][0], covered[1][1]) == (above.first, above.last)
                assert (beside.x > MIDDLE) == (beside.first > below.first)
            assert all(spot.left >= 0 and spot.left + BOX <= WIDTH and spot.foot < drawn.height for spot in drawn.spots)
            assert len(drawn.lines) == 2 * len(receipt.path)
