# SPDX-License-Identifier: Apache-2.0
"""What a check found, and how a check stops."""

from dataclasses import dataclass, field

GOOD, BAD, UNREADABLE, UNSUPPORTED = 0, 1, 2, 3


class Wrong(Exception):
    """Something is not as it was signed.

    Attributes:
        record: Index of the first bad record, None where no single record is to blame.
    """

    def __init__(self, reason: str, record: int | None = None) -> None:
        super().__init__(reason)
        self.record = record


class Unreadable(Exception):
    """What was given cannot be read as any kind of evidence."""


class Unsupported(Exception):
    """It may be good, but not by means that are here."""


@dataclass
class Verdict:
    """What was found of one thing.

    Attributes:
        subject: What was named on the command line.
        kind: receipt, note, pair, export, exports, log, node or stamps; "" when not known.
        status: One of the exit statuses.
        origin: Name of the log.
        records: Records found good.
        size: Size of the log at its (newest) checkpoint; of all logs together for a node.
        at: When that was signed.
        key_id: Names the key.
        key_given: Whether the key came from elsewhere than what was checked.
        first_bad: Index of the first bad record.
        reason: One sentence, "" when all is well.
        notes: What else a reader should know.
    """

    subject: str
    kind: str = ""
    status: int = GOOD
    origin: str = ""
    records: int = 0
    size: int = 0
    at: str = ""
    key_id: str = ""
    key_given: bool = False
    first_bad: int | None = None
    reason: str = ""
    notes: list[str] = field(default_factory=list)
