# SPDX-License-Identifier: Apache-2.0
"""Which file of tests has its turn when: the longest begin, so that no worker is left alone with one at the end.

Kept here: workers are given whole files (`--dist loadfile`) in the order of collection (`--no-loadscope-reorder`), so what a
module prepares once is prepared once; all files not named here take a few seconds and come in any order. And every test has
a name of its own, or it would have no turn at all.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from _pytest.nodeid import coerce_node_id

TESTS = Path(__file__).parents[1]
LONGEST = (
    "integration/node/test_node_life.py", "integration/test_demo.py", "house/test_routes.py", "conformance/test_control_plane_openapi.py",
    "integration/test_hostile_input.py", "integration/test_faults.py", "functional/test_manners.py", "integration/sharing/test_at_once.py",
    "integration/catalog/test_reverse.py", "functional/test_everyday.py", "conformance/test_delta_sharing_client.py",
    "integration/test_security.py", "integration/node/test_no_secrets_in_logs.py", "functional/test_catalogue.py",
    "integration/catalog/test_large_import.py", "integration/engine/test_lake_in_a_store.py", "functional/test_story.py",
    "integration/sharing/test_model.py", "integration/exchange/test_batches.py", "functional/test_grants.py",
    "functional/test_corrections.py", "functional/test_deciding.py", "integration/subscriptions/test_following.py",
    "functional/test_disputes.py", "functional/test_asking.py", "integration/test_bounds.py",
    "integration/demands/test_doors_of_demands.py", "functional/test_reading.py", "functional/test_demands.py",
    "integration/subscriptions/test_pushing.py", "integration/test_idempotency.py", "integration/exchange/test_lake_upkeep.py",
    "functional/test_trying.py", "integration/gateway/test_tables_in_a_store.py", "integration/engine/test_stores.py",
    "functional/test_away.py", "functional/test_connecting.py", "integration/engine/test_surveys.py",
)  # fmt: skip
"""From the longest to those that take some seconds to begin."""


def give_each_a_name_of_its_own(items: list[pytest.Item]) -> None:
    """Name tests of an interface's operations by the operation too: of tests of one name xdist runs one and is silent about the rest.

    Raises:
        UsageError: two tests have one name all the same.
    """
    for item in items:
        if getattr(item, "operation_label", None) and item.parent is not None:
            item._id = coerce_node_id(f"{item.parent.nodeid}::{item.name}")
    twice = [name for name, times in Counter(item.nodeid for item in items).items() if times > 1]
    if twice:
        raise pytest.UsageError(f"of tests of one name only one would run: {', '.join(twice)}")


def give_the_longest_first(items: list[pytest.Item]) -> None:
    """Bring the longest files to the front; all else stays in its order.

    Raises:
        UsageError: a file named here is gone.
    """
    turn = {TESTS / name: place for place, name in enumerate(LONGEST)}
    gone = [str(file) for file in turn if not file.exists()]
    if gone:
        raise pytest.UsageError(f"factories/turns.py names files that are gone: {', '.join(gone)}")
    items.sort(key=lambda item: turn.get(item.path, len(turn)))
