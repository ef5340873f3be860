# SPDX-License-Identifier: Apache-2.0
"""One check, two voices: a `check_*` function raises a sentence; its `.allowed` answers yes or no for a page.

Kept here: only a refusal is an answer; any other error is a fault and passes through.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, ParamSpec

from datong.kernel.errors import IllegalMove, Refused

P = ParamSpec("P")


class answerable(Generic[P]):  # noqa: N801  a decorator, written like a function
    """A check that can also be asked: `check(…)` raises, `check.allowed(…)` tells."""

    def __init__(self, check: Callable[P, None]) -> None:
        self._check = check
        update_wrapper(self, check)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Check.

        Raises:
            Refused: With the sentence of the check.
        """
        self._check(*args, **kwargs)

    def allowed(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Tell whether the check passes."""
        try:
            self._check(*args, **kwargs)
        except (Refused, IllegalMove):
            return False
        return True
