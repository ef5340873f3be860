# SPDX-License-Identifier: Apache-2.0
"""Errors of the engine: they name the logical table or the field, never the value of a row."""

from datong.kernel.errors import DatongError, Malformed, Refused, Unavailable


class SourceUnreadable(Malformed):
    """The file or table handed in cannot be read as what it claims to be."""


class SourceAway(SourceUnreadable):
    """It lies elsewhere and cannot be reached now, or broke off while it was read: another try may find it."""


class NothingLanded(Malformed):
    """Not one row of the source was sound, so the table keeps what it had."""


class ItemNotGranted(Refused):
    """An item outside the grant was asked for; an item that does not exist looks the same."""

    code, title = "item_not_granted", "Item not granted"


class FilterNotAllowed(Malformed):
    """A condition on an item that may not be searched by; one that does not exist looks the same."""

    code, title = "filter_not_allowed", "Filter not allowed"


class IndexMissing(Unavailable):
    """The serving index of a resource is absent, damaged or of another format."""


class BackendFailed(Unavailable):
    """An engine could not finish a step; the step is named, its data is not."""


class Unsupported(BackendFailed):
    """An engine has no word for something; another one does it."""

    def __init__(self, engine: str, what: str) -> None:
        super().__init__(f"{engine} does not do this: {what}", remedy="DuckDB does it (DATONG_ENGINE=duckdb)")


class IndexBusy(Unavailable):
    """The search index cannot be written now: another process does, or there is none yet."""


class ChangesGone(DatongError):
    """What changed since a version cannot be told any more: whoever follows reads everything anew."""

    code, status, title = "changes_gone", 410, "Changes no longer kept"


class TooBroad(Malformed):
    """The question takes too long or makes too many groups."""

    code, title = "too_broad", "Question too broad"


class TargetRefuses(Refused):
    """A consumer's database or store does not take the rows, and would not if it were asked again."""


class TargetAway(Unavailable):
    """A consumer's database or store cannot take the rows now; asking again may help."""


class InterfaceFault(Unavailable):
    """A provider's own interface did not answer as it was registered to; what exactly is for its provider alone."""


class InterfaceAway(InterfaceFault):
    """A provider's own interface cannot be reached, is too busy, breaks off or fails; asking again may help."""

    code, title = "upstream_away", "Interface of the provider away"


class InterfaceRefuses(InterfaceFault):
    """A provider's own interface answers, but not with what was asked: it refuses us, or leads elsewhere."""

    code, status, title = "upstream_refuses", 502, "Interface of the provider refuses"


class InterfaceMisfit(InterfaceFault):
    """What a provider's own interface answered does not fit its registration or the declared items."""

    code, status, title = "upstream_misfit", 502, "Answer of the provider does not fit"
