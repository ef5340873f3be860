# SPDX-License-Identifier: Apache-2.0
"""四性 hints: what the platform can compute for the authority that reviews an entry; a person decides."""

from dataclasses import dataclass

from datong.kernel.labels import Labelled


class Quality(Labelled):
    """The four qualities a reviewed entry shows."""

    UNIQUE = "unique", "唯一性"
    COMPLETE = "complete", "完整性"
    RELATED = "related", "关联性"
    WELL_PHRASED = "well_phrased", "规范性"


@dataclass(frozen=True, slots=True)
class Hint:
    """One computed finding.

    Attributes:
        quality: Which of the four.
        ok: False asks the reviewer to look.
        message: What was found.
    """

    quality: Quality
    ok: bool
    message: str
