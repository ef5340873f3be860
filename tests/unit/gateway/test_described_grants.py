# SPDX-License-Identifier: Apache-2.0
"""What the document of a grant says of codes, statuses and bounds is what the gateway keeps."""

from __future__ import annotations

import pytest

from datong.engine import errors
from datong.engine.plans import aggregating
from datong.gateway import asking, batches, formats, questions, refusals
from datong.gateway.composed import reading
from datong.gateway.config import Limits
from datong.gateway.events import desk as events
from datong.gateway.tables import desk as tables
from datong.gateway.tables.request import SCHEMA
from datong.gateway.upstream import refusals as upstreams
from datong.gateway.upstream import together
from datong.kernel import errors as kernel
from datong.kernel.errors import DatongError
from datong.wire import events as streams
from datong.wire.granted import bounds, bulk, calls, offer
from datong.wire.granted.refusals import CODES

MODULES = (kernel, errors, refusals, upstreams, streams)
STATUSES = {one.code: one.status for module in MODULES for one in vars(module).values()
            if isinstance(one, type) and issubclass(one, DatongError) and one.code}  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_each_code_has_the_status_it_is_refused_with(code: str):
    assert CODES[code][0] == STATUSES[code]


def test_bounds_are_those_that_are_kept():
    limits = Limits()
    assert (limits.max_rows, limits.max_batch, limits.max_parts) == (bounds.MOST_ROWS, bounds.MOST_BATCH, bounds.MOST_PARTS)
    assert (bounds.USUAL_ROWS, bounds.LONGEST_VALUE, bounds.LONGEST_CURSOR) == (
        questions.DEFAULT_ROWS, questions.LONGEST_VALUE, questions.LONGEST_CURSOR,
    )  # fmt: skip
    assert bounds.MOST_ASKED == together.MOST
    assert (bounds.MOST_FIELDS, bounds.MOST_GROUPED) == (asking.MAX_FIELDS, aggregating.MOST_ITEMS)
    assert (bounds.LONGEST_NAME, bounds.LONGEST_WAIT) == (reading.LONGEST_NAME, events.LONGEST_WAIT)


def test_places_and_kinds_are_those_that_are_kept():
    assert f"{bulk.SHARING}/" == tables.PREFIX.decode() and bulk.SCHEMA == SCHEMA
    assert (calls.LINES, calls.JSON, calls.CSV, calls.ARROW) == (batches.LINES, batches.JSON, formats.CSV, formats.ARROW)
    assert offer.STEERING == questions.CONTROLS
