# SPDX-License-Identifier: Apache-2.0
"""One check, two voices."""

import pytest

from datong.kernel.checks import answerable
from datong.kernel.errors import Refused


@answerable
def check_even(number: int) -> None:
    """Check that a number is even."""
    if number % 2:
        raise Refused("odd")


def test_it_raises_and_it_answers():
    check_even(2)
    with pytest.raises(Refused):
        check_even(1)
    assert check_even.allowed(2)
    assert not check_even.allowed(1)
    assert check_even.__doc__ == "Check that a number is even."


def test_a_fault_is_no_answer():
    with pytest.raises(TypeError):
        check_even.allowed("x")
