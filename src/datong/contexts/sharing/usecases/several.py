# SPDX-License-Identifier: Apache-2.0
"""Several requests at once, one look each: what cannot be done is told beside the others, which are done.

Kept here: each in a transaction of its own with its own act; nothing is done that could not be done one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from datong.contexts.sharing.usecases.requesting import endorse_request
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Malformed

MOST = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request of several: its stage, or why nothing was done."""

    number: str
    stage: str
    error: DatongError | None = None


def endorse_requests(numbers: Sequence[str], *, by: Officer) -> list[Outcome]:
    """Stand behind several requests as the consumer's head.

    Raises:
        Malformed: None named, or too many.
    """
    wanted = list(dict.fromkeys(numbers))
    if not 1 <= len(wanted) <= MOST:
        raise Malformed("请选择申请 (choose requests)", fields={"numbers": f"1到{MOST}份 (1 to {MOST})"})
    return [_endorsed(number, by) for number in wanted]


def _endorsed(number: str, by: Officer) -> Outcome:
    try:
        return Outcome(number, str(endorse_request(number, by=by).stage))
    except DatongError as error:
        return Outcome(number, "", error)
