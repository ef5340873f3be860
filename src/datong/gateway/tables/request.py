# SPDX-License-Identifier: Apache-2.0
"""One request for shared tables: what it asks, by whom, of which table.

Kept here: names of share, schema and table are compared without regard to case; a table that is not the grant's and one
that does not exist are refused alike.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from datong.gateway.refusals import MethodNotAllowed, TableNotReady, unknown
from datong.gateway.snapshot import Standing
from datong.gateway.tables import files
from datong.gateway.tables.history import Held
from datong.gateway.tables.record import TableRecord
from datong.kernel.sharing import DeliveryMode
from datong.wire.delta_sharing import paging

SCHEMA: Final = "data"
JSON: Final = b"application/json; charset=utf-8"
INCREMENTAL: Final = DeliveryMode.INCREMENTAL.value


@dataclass(slots=True)
class Request:
    """One request under way, and the address it comes from.

    Attributes:
        parts: Of the path, after the prefix.
        said: The parameters.
        headers: By their names in lower case.
        recipient: Mark of who asks, once that is known.
        limited: Whether who asks may do so from some networks alone.
    """

    now: float
    method: str
    parts: list[str]
    said: dict[str, str]
    headers: dict[str, str]
    record: TableRecord
    origin: str = ""
    recipient: str = ""
    limited: bool = False

    def allow(self, *methods: str) -> None:
        """Refuse other methods.

        Raises:
            MethodNotAllowed: It is another.
        """
        if self.method not in methods:
            raise MethodNotAllowed("this method is not for this place", fields={"method": ", ".join(methods)})

    def count(self) -> tuple[int, str | None]:
        """Most items of a page, and the token of the page."""
        return paging.max_results(self.said.get("maxResults")), self.said.get("pageToken")

    def of_table(self) -> tuple[str, ...] | None:
        """What is asked of a table; None where it is not a table that is asked."""
        parts = self.parts
        return tuple(parts[6:]) if len(parts) >= 6 and (parts[0], parts[2], parts[4]) == ("shares", "schemas", "tables") else None


def table_name(standing: Standing) -> str:
    """Name of the table: the code of the resource, without the slash that no client could write."""
    return standing.resource.code.replace("/", "-")


def full_name(standing: Standing) -> str:
    """Name of the table with share and schema."""
    return f"{standing.grant.number}.{SCHEMA}.{table_name(standing)}"


def held(request: Request, standing: Standing, node: Path) -> Held:
    """The derived table as it is, were it the one named.

    Args:
        request: Asks for a table.
        standing: The grant.
        node: Folder of the node.

    Raises:
        Unknown: It is another.
        TableNotReady: It is not made yet.
    """
    share, schema, table = request.parts[1:6:2]
    named = (standing.grant.number.lower(), SCHEMA, table_name(standing).lower())
    if (share.lower(), schema.lower(), table.lower()) != named:
        raise unknown()
    folder = node / standing.grant.table
    made = files.manifest(folder) if standing.grant.table else None
    if made is None:
        raise TableNotReady("这张表正在生成 (the table of this grant is being made)", remedy="稍后再读 (read it again soon)")
    request.record.table = folder.name
    return Held(folder, made)
