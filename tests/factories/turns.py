# SPDX-License-Identifier: Apache-2.0
"""Which file of tests has its turn when: the longest begin, so that no worker is left alone with one at the end.

Kept here: workers are given whole files (`--dist loadfile`) in the order of collection (`--no-loadscope-reorder`), so what a
module prepares once is prepared once; all files not named here take a few seconds and come in any order.
"""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
LONGEST = (
    "integration/node/test_node_life.py", "integration/test_demo.py", "house/test_routes.py", "conformance/test_control_plane_openapi.py",
    "conformance/test_delta_sharing_client.py", "integration/test_hostile_input.py", "functional/test_manners.py",
    "integration/test_faults.py", "integration/test_security.py", "integration/sharing/test_at_once.py",
    "functional/test_everyday.py", "integration/test_bounds.py", "integration/engine/test_stores.py", "functional/test_story.py",
    "integration/subscriptions/test_following.py", "integration/catalog/test_large_import.py", "integration/node/test_no_secrets_in_logs.py",
    "integration/exchange/test_batches.py", "integration/catalog/test_reverse.py", "functional/test_demands.py",
    "functional/test_catalogue.py", "functional/test_disputes.py", "integration/demands/test_doors_of_demands.py",
    "functional/test_deciding.py", "functional/test_grants.py", "functional/test_asking.py", "functional/test_reading.py",
    "functional/test_corrections.py", "integration/sharing/test_model.py", "integration/test_idempotency.py",
)  # fmt: skip
"""From the longest to those of ten seconds."""


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
