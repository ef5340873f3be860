# SPDX-License-Identifier: Apache-2.0
"""Changes between versions of a lake table as a policy lets them out, as statements of DuckDB, whoever made its table.

Kept here: both images of a row go through the very statement of derived tables, so a row that leaves the row rules is a
deletion and one that enters them an insertion; a change in what is hidden is none. Rows are matched by their own keys,
which never leave; the order says nothing that the visible columns do not say.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from datong.engine.base import Dialect, Schema
from datong.engine.plans import deriving
from datong.engine.plans.lookup import Access, quoted
from datong.engine.plans.values import Stored

BEFORE, AFTER = "before_images", "after_images"
CHANGE, VERSION, INSTANT = "_change_type", "_commit_version", "_commit_timestamp"
INSERT, DELETE, PREIMAGE, POSTIMAGE = "insert", "delete", "update_preimage", "update_postimage"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of a lake table as its log tells it.

    Attributes:
        version: Its number.
        at: When, in milliseconds since 1970.
        restored: The version it put back; None for any other commit.
        added: Parquet files it added, by name.
        removed: Files it took out.
        feed: Files of its change data feed; empty where it wrote none.
    """

    version: int
    at: int
    restored: int | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    feed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is compared and told as one commit.

    Attributes:
        commit: Under whose number and time it is told.
        since: The version before, where the commit's own files do not say it; None where they do.
    """

    commit: Commit
    since: int | None = None


def stretches(commits: Iterable[Commit], since: int) -> list[Stretch]:
    """Give what is told of some commits: what a restore undid is not told at all.

    Args:
        commits: All of them after `since`, in order.
        since: The version from which on.
    """
    told: list[Stretch] = []
    for commit in commits:
        if commit.restored is None:
            told.append(Stretch(commit))
            continue
        while told and told[-1].commit.version > commit.restored:
            told.pop()
        stands = told[-1].commit.version if told else since
        if stands != commit.restored:
            told.append(Stretch(commit, since=stands))
    return told


def statement(access: Access, schema: Schema, sql: Dialect) -> tuple[str, tuple[Stored, ...]]:
    """Give the statement over `BEFORE` and `AFTER`: change type, then the columns of the policy; and its bound values.

    Raises:
        ItemNotGranted, Malformed: As `deriving.select`.
    """
    before, bound = deriving.select(access, schema, BEFORE, sql, keyed=True)
    after, _ = deriving.select(access, schema, AFTER, sql, keyed=True)
    names = [quoted(name) for name in access.readable if name in schema.fields]
    body = _by_key(names, len(schema.keys)) if schema.keys else _by_number(names)
    return f"with b as ({before}), a as ({after}) {body}", (*bound, *bound)


def _by_key(names: list[str], keys: int) -> str:
    same = " and ".join(f"a.{deriving.KEY}{place} = b.{deriving.KEY}{place}" for place in range(keys))
    differ = " or ".join(f"a.{name} is distinct from b.{name}" for name in names)
    first = f"{deriving.KEY}0"
    kind = (
        f"case when b.{first} is null then '{INSERT}' when a.{first} is null then '{DELETE}' "
        f"when after then '{POSTIMAGE}' else '{PREIMAGE}' end"
    )
    images = ", ".join(f"case when after then a.{name} else b.{name} end as {name}" for name in names)
    order = ", ".join([*(f"a.{name}" for name in names), *(f"b.{name}" for name in names)])
    return (
        f"select {kind} as {CHANGE}, {images} from a full join b on {same} cross join (values (false), (true)) as side(after) "
        f"where (a.{first} is null or b.{first} is null or {differ}) "
        f"and case when after then a.{first} is not null else b.{first} is not null end "
        f"order by a.{first} is not null, {order}, after"
    )


def _by_number(names: list[str]) -> str:
    shown = ", ".join(names)
    return (
        f"select * from (select '{DELETE}' as {CHANGE}, * from (select {shown} from b except all select {shown} from a) "
        f"union all select '{INSERT}' as {CHANGE}, * from (select {shown} from a except all select {shown} from b)) "
        f"order by {CHANGE}, {shown}"
    )
