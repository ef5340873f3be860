# SPDX-License-Identifier: Apache-2.0
"""What a client asks: the body of a query, the parameters of changes, versions and metadata.

Kept here: predicates of a client are hints that may be passed over, and are: what may leave is in the table already.
Contradictions are refused in the words of the reference server, which clients and their users know. What stays the same
from page to page has a checksum, by which a token knows its question.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from datong.kernel.errors import Malformed
from datong.wire.delta_sharing.errors import BadRequest

Said = Mapping[str, Any]

_KINDS: Final[Mapping[str, type]] = {
    "predicateHints": list,
    "jsonPredicateHints": str,
    "limitHint": int,
    "version": int,
    "timestamp": str,
    "startingVersion": int,
    "endingVersion": int,
    "includeHistoricalProtocol": bool,
    "idempotencyKey": str,
    "idempotency_key": str,
    "maxFiles": int,
    "pageToken": str,
    "includeRefreshToken": bool,
    "refreshToken": str,
    "requested_columns": list,
}
_OF_THE_PAGE: Final = {"maxFiles", "pageToken", "refreshToken", "includeRefreshToken", "idempotencyKey", "idempotency_key"}
_INT: Final = 2**31 - 1
_LONG: Final = 2**63 - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NO_NUMBER: Final = "expected a number but the string didn't have the appropriate format"


@dataclass(frozen=True, slots=True)
class Moment:
    """Of when: a version, or an instant in milliseconds since 1970; neither is now."""

    version: int | None = None
    at: int | None = None

    @property
    def now(self) -> bool:
        """Whether it is the newest that is meant."""
        return self.version is None and self.at is None


@dataclass(frozen=True, slots=True)
class Paging:
    """How much of an answer at once: most files, the token of the page, and the checksum of what is asked."""

    most: int | None = None
    token: str | None = None
    checksum: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A query.

    Attributes:
        moment: Of which version the table is wanted.
        since: Version from which on the files added and removed are wanted instead; None for the table itself.
        until: The last version of those.
        limit: Rows the client wants at least.
        paging: How much at once.
        refreshable: Whether a refresh token is wanted.
        refresh: The refresh token given.
        protocol: Whether the protocol line is to carry its version.
    """

    moment: Moment = Moment()
    since: int | None = None
    until: int | None = None
    limit: int | None = None
    paging: Paging = Paging()
    refreshable: bool = False
    refresh: str | None = None
    protocol: bool = False

    @property
    def historical(self) -> bool:
        """Whether it asks for anything but the table as it is."""
        return self.since is not None or not self.moment.now


@dataclass(frozen=True, slots=True)
class Changes:
    """A question for changes: from when, until when, and how much at once."""

    since: Moment
    until: Moment
    paging: Paging
    protocol: bool = False


def query(body: bytes) -> Query:
    """Read the body of a query; an empty one asks for everything.

    Args:
        body: JSON as it came.

    Raises:
        BadRequest: Not a JSON object, or a value of another kind.
        Malformed: A value out of range, or values that exclude one another.
    """
    said = _object(body)
    _check_query(said)
    return Query(
        Moment(said.get("version"), None if "timestamp" not in said else instant("timestamp", said["timestamp"])),
        since=said.get("startingVersion"),
        until=said.get("endingVersion"),
        limit=said.get("limitHint"),
        paging=Paging(said.get("maxFiles"), said.get("pageToken") or None, _checksum(said)),
        refreshable=said.get("includeRefreshToken", False),
        refresh=said.get("refreshToken") or None,
        protocol=said.get("includeHistoricalProtocol", False),
    )


def changes(said: Mapping[str, str]) -> Changes:
    """Read the parameters of a question for changes.

    Raises:
        Malformed: None or more than one beginning, a number that is none, an end before its beginning.
    """
    most = None if "maxFiles" not in said else _number("maxFiles", said["maxFiles"], _NO_NUMBER)
    _check_most(most)
    for side in ("starting", "ending"):
        if {f"{side}Version", f"{side}Timestamp"} <= said.keys():
            words = f"Multiple {side} arguments provided for CDF read. Please provide one of either {side}Timestamp or "
            raise Malformed(f"{words}{side}Version.", fields={f"{side}Version": "one of the two"})
    since, until = _side(said, "starting"), _side(said, "ending")
    if since.now:
        words = "No startingVersion or startingTimestamp provided for CDF read."
        raise Malformed(words, fields={"startingVersion": "missing"})
    paging = Paging(most, said.get("pageToken") or None, _checksum(said))
    return Changes(since, until, paging, said.get("includeHistoricalProtocol", "").lower() == "true")


def moment(said: Mapping[str, str]) -> Moment:
    """Read of when metadata are wanted.

    Raises:
        Malformed: Both a version and an instant, a negative version, or something else than they are.
    """
    if {"version", "timestamp"} <= said.keys():
        raise _one_of("version", "timestamp")
    version = None if "version" not in said else _number("version", said["version"], _NO_NUMBER)
    if version is not None and version < 0:
        raise Malformed("version cannot be negative.", fields={"version": "0 or more"})
    return Moment(version, None if "timestamp" not in said else instant("timestamp", said["timestamp"]))


def instant(name: str, text: str) -> int:
    """Read an instant: ISO 8601 with its offset, as milliseconds since 1970.

    Raises:
        Malformed: Anything else, by its name.
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None or len(text) <= len("2026-01-01"):
        raise Malformed(f"Invalid {name}: {text[:40]!r}", fields={name: "write it as 2026-01-31T08:00:00Z"})
    return (read - _EPOCH) // timedelta(milliseconds=1)


def _object(body: bytes) -> dict[str, Any]:
    """Read the body; values that are null count as not there."""
    try:
        said: Any = orjson.loads(body) if body.strip() else {}
    except orjson.JSONDecodeError as error:
        raise BadRequest("the body of the query is not JSON", fields={"body": "JSON"}) from error
    if not isinstance(said, dict):
        raise BadRequest("the body of the query is no JSON object", fields={"body": "an object"})
    return {name: _value(name, said[name]) for name in _KINDS if said.get(name) is not None}


def _value(name: str, value: Any) -> Any:
    kind = _KINDS[name]
    if kind is int and isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) < 20:
        value = int(value)  # the JSON of protocol buffers writes long numbers as text
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise BadRequest(f"{name} is of another kind", fields={name: kind.__name__})
    most = _INT if name in ("maxFiles", "limitHint") else _LONG
    if isinstance(value, int) and not -most - 1 <= value <= most:
        raise BadRequest(f"{name} is out of range", fields={name: f"at most {most}"})
    return value


def _check_query(said: Said) -> None:
    when = [name for name in ("version", "timestamp", "startingVersion") if name in said]
    if len(when) > 1:
        raise _one_of("version", "timestamp", "startingVersion")
    for name, shown in (("version", "table version"), ("startingVersion", "startingVersion"), ("limitHint", "limitHint")):
        if said.get(name, 0) < 0:
            raise Malformed(f"{shown} cannot be negative.", fields={name: "0 or more"})
    _check_most(said.get("maxFiles"))
    _check_tokens(said, when)
    since, until = said.get("startingVersion"), said.get("endingVersion")
    if since is not None and until is not None and since > until:
        words = f"startingVersion({since}) must be smaller than or equal to endingVersion({until})."
        raise Malformed(words, fields={"endingVersion": f"{since} or more"})


def _check_tokens(said: Said, when: list[str]) -> None:
    for name, asked in (("includeRefreshToken", said.get("includeRefreshToken")), ("refreshToken", said.get("refreshToken"))):
        if asked and when:
            raise Malformed(f"{name} cannot be used when querying a specific version.", fields={name: "leave it out"})
        if asked and said.get("pageToken"):
            raise Malformed(f"{name} must be used in the first page request.", fields={name: "leave it out"})


def _check_most(most: int | None) -> None:
    if most is not None and most <= 0:
        raise Malformed("maxFiles must be positive.", fields={"maxFiles": "1 or more"})
    if most is not None and most > _INT:
        raise Malformed(_NO_NUMBER, fields={"maxFiles": f"at most {_INT}"})


def _side(said: Mapping[str, str], side: str) -> Moment:
    number, text = said.get(f"{side}Version"), said.get(f"{side}Timestamp")
    if number is not None:
        return Moment(_number(f"{side}Version", number, f"{side}Version is not a valid number."))
    return Moment(at=None if text is None else instant(f"{side}Timestamp", text))


def _number(name: str, text: str, words: str) -> int:
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < len(str(_LONG))):
        raise Malformed(words, fields={name: "a whole number"})
    return int(text)


def _one_of(*names: str) -> Malformed:
    return Malformed(f"Please only provide one of: {','.join(names)}", fields={names[0]: "one of them"})


def _checksum(said: Said) -> str:
    asked = {name: value for name, value in said.items() if name not in _OF_THE_PAGE}
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
