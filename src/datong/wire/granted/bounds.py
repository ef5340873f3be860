# SPDX-License-Identifier: Apache-2.0
"""Bounds a caller is told of; the gateway keeps the same ones (proved in the tests)."""

from typing import Final

MOST_ROWS: Final = 1_000
"""Rows of one answer, whatever the grant says."""
USUAL_ROWS: Final = 100
"""Rows of one answer where the caller names no limit."""
MOST_BATCH: Final = 10_000
"""Questions of one batch."""
MOST_ASKED: Final = 100
"""The same where a provider's interface answers."""
MOST_PARTS: Final = 16
"""Parts of one composed call."""
MOST_FIELDS: Final = 32
"""Items a question names."""
MOST_GROUPED: Final = 3
"""Items an aggregate is grouped by, those filtered by among them."""
LONGEST_VALUE: Final = 1_000
"""Characters of a value."""
LONGEST_CURSOR: Final = 2_000
"""Characters of a cursor."""
LONGEST_NAME: Final = 64
"""Characters of the name of a part."""
LONGEST_WAIT: Final = 30
"""Seconds a request for events waits."""
