# SPDX-License-Identifier: Apache-2.0
"""Version, metadata, query and changes of a shared table.

Kept here: every answer is given at once, none later; a page or refresh token goes on with the very version it was given
for. History and changes are rights of their own, which a grant of incremental delivery carries and no other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from datong.engine.backends.manifests import MANIFEST, Derived
from datong.gateway.answers import Answer
from datong.gateway.config import GatewayConfig
from datong.gateway.quotas import Quotas
from datong.gateway.refusals import TableNotReady
from datong.gateway.snapshot import Standing
from datong.gateway.tables import files
from datong.gateway.tables.history import AGAIN, Held, History, Told, history, whole
from datong.gateway.tables.request import INCREMENTAL, JSON, Request, full_name, held
from datong.gateway.tables.stored import link
from datong.kernel.errors import Malformed
from datong.wire.delta_sharing import asking, errors, lines
from datong.wire.delta_sharing.capabilities import HASH_HEADER, HEADER, Capabilities, capabilities
from datong.wire.delta_sharing.resuming import PAGE_LIFE, REFRESH_LIFE, Place, Sealer

MOST_FILES: Final = 10_000
"""Files of a page, however many are asked for."""
ASK: Final = "申请增量供数方式 (ask for incremental delivery in a request)"


@dataclass(frozen=True, slots=True)
class Page:
    """What an answer lists: the table it is told of, all its files in order, and where this page begins."""

    table: Held
    told: Sequence[Told]
    place: Place
    paging: asking.Paging
    version: int
    shown: int | None = None
    protocol: bool = False
    refreshable: bool = False


class TableReader:
    """Answers what is asked of a table."""

    def __init__(self, config: GatewayConfig, quotas: Quotas, secret: bytes) -> None:
        self._config, self._quotas, self._secret = config, quotas, secret

    def version(self, request: Request, standing: Standing) -> Answer:
        """Give the version of the table, or the first one at or after an instant."""
        request.allow("GET", "HEAD")
        table = held(request, standing, self._config.node_dir)
        found = table.made.version
        if "startingTimestamp" in request.said:
            back = self._history(table, standing)
            found = back.from_when(asking.Moment(at=asking.instant("startingTimestamp", request.said["startingTimestamp"])))
        return Answer(200, b"", JSON, headers=_headers(found))

    def metadata(self, request: Request, standing: Standing) -> Answer:
        """Give schema and size of the table."""
        request.allow("GET", "HEAD")
        table = held(request, standing, self._config.node_dir)
        wanted = _wanted(request)
        moment = asking.moment(request.said)
        if not moment.now:
            table = self._history(table, standing).at(moment)
        shown = None if moment.now else table.made.version
        said = lines.metadata(_told(table, standing, version=shown), wanted)
        return _lines(said, wanted, table.made.version)

    def query(self, request: Request, standing: Standing, body: bytes) -> Answer:
        """Give the files of the table, or those added and removed since a version."""
        request.record.as_query()
        newest = held(request, standing, self._config.node_dir)
        wanted, asked = _wanted(request), asking.query(body)
        sealer = self._sealer(request, standing, newest, asked.paging)
        if asked.historical:
            page = self._of_history(self._history(newest, standing), asked, sealer, request.now)
        else:
            page = self._as_is(newest, asked, sealer, request.now)
        return self._answer(request, standing, page, wanted, sealer)

    def changes(self, request: Request, standing: Standing) -> Answer:
        """Give the files of what changed."""
        request.allow("GET", "HEAD")
        request.record.as_query("changes")
        newest = held(request, standing, self._config.node_dir)
        if standing.grant.delivery_mode != INCREMENTAL:
            words = f"cdf is not enabled on table {full_name(standing)}"
            raise Malformed(words, fields={"delivery_mode": INCREMENTAL}, remedy=ASK)
        wanted, asked = _wanted(request), asking.changes(request.said)
        back = self._history(newest, standing)
        sealer = self._sealer(request, standing, newest, asked.paging)
        place = _place(sealer, asked.paging.token, request.now) or Place(back.latest)
        start, end = back.from_when(asked.since), min(back.until_when(asked.until), place.version)
        told = back.changes(start, end)
        table = back.at(asking.Moment(place.version))
        page = Page(table, told, place, asked.paging, start, shown=start, protocol=asked.protocol)
        return self._answer(request, standing, page, wanted, sealer)

    def _of_history(self, back: History, asked: asking.Query, sealer: Sealer, now: float) -> Page:
        place = _place(sealer, asked.paging.token, now)
        if asked.since is None:
            table = back.at(asked.moment if place is None else asking.Moment(place.version))
            version = table.made.version
            told = _limited(whole(table, versioned=True), asked.limit)
            return Page(table, told, place or Place(version), asked.paging, version, version, asked.protocol)
        place = place or Place(back.latest)
        told = back.steps(asked.since, place.version if asked.until is None else asked.until)
        table = back.at(asking.Moment(place.version))
        return Page(table, told, place, asked.paging, asked.since, asked.since, asked.protocol)

    def _as_is(self, newest: Held, asked: asking.Query, sealer: Sealer, now: float) -> Page:
        place, table = _place(sealer, asked.paging.token, now), newest
        if place is not None:
            table = _of_token(newest, place, "page")
        elif asked.refresh is not None:
            table = _of_token(newest, sealer.loose.read("refresh", asked.refresh, now), "refresh")
        told = _limited(whole(table, versioned=False), asked.limit)
        version = table.made.version
        return Page(table, told, place or Place(version), asked.paging, version, refreshable=asked.refreshable)

    def _answer(self, request: Request, standing: Standing, page: Page, wanted: Capabilities, sealer: Sealer) -> Answer:
        """Write a page, with an address for each file of it."""
        base = self._base()
        begin, most = page.place.index, page.paging.most
        chosen = page.told[begin:] if most is None else page.told[begin : begin + min(most, MOST_FILES)]
        with self._quotas.take(standing, request.now):
            _check_there(chosen)
        ends = int(request.now) + files.LIFE
        open_to_all = standing.resource.unconditional and not request.limited
        shared = [self._shared(request, one, base, ends, by_link=open_to_all) for one in chosen]
        record = request.record
        record.rows, record.items = sum(one.file.rows for one in chosen if one.act != "remove"), standing.fields
        protocol = page.shown if page.protocol else None
        said = lines.metadata(_told(page.table, standing, version=page.shown, protocol=protocol), wanted)
        said += lines.listed(shared, wanted)
        if wanted.ended or most is not None or page.refreshable:
            following = None
            if begin + len(chosen) < len(page.told):
                place = Place(page.place.version, begin + len(chosen))
                following = sealer.seal("page", place, request.now + PAGE_LIFE)
            refresh = sealer.loose.seal("refresh", Place(page.version), request.now + REFRESH_LIFE)
            said.append(
                lines.ending(
                    page=following, refresh=refresh if page.refreshable else None, expires=ends * 1_000 if shared else None
                )
            )
        return _lines(said, wanted, page.version)

    def _shared(self, request: Request, one: Told, base: str, ends: int, *, by_link: bool) -> lines.SharedFile:
        lake, at = self._config.lake, _stored(one.folder)
        if by_link and at and lake is not None and lake.links:
            url = link(lake, f"{at}/{one.file.path}", ends, request.now)
        else:
            url = files.address(self._secret, base, request.recipient, one.folder.name, one.file.id, ends)
        return lines.SharedFile(one.act, url, one.file.id, one.file.size, ends * 1_000, one.version, one.at)

    def _sealer(self, request: Request, standing: Standing, table: Held, paged: asking.Paging) -> Sealer:
        of = f"{standing.grant.number}/{table.made.digest}"
        return Sealer(self._secret, request.recipient, of, f"{request.record.asked} {paged.checksum}")

    def _history(self, newest: Held, standing: Standing) -> History:
        """What the grant may look back on.

        Raises:
            Malformed: Nothing, for it carries no such right.
        """
        if standing.grant.delivery_mode != INCREMENTAL:
            words = "Reading table by version or timestamp is not supported because history sharing is not enabled on table: "
            raise Malformed(words + full_name(standing), fields={"version": "leave it out"}, remedy=ASK)
        return history(newest, standing.opens, _there)

    def _base(self) -> str:
        if not self._config.public_url:
            raise TableNotReady("this gateway was not told its own address", remedy="the operator sets gateway_url")
        return self._config.public_url.rstrip("/")


def _wanted(request: Request) -> Capabilities:
    return capabilities(request.headers.get(HEADER, ""), request.headers.get(HASH_HEADER))


def _place(sealer: Sealer, token: str | None, now: float) -> Place | None:
    return None if token is None else sealer.read("page", token, now)


def _there(folder: Path) -> Derived | None:
    return files.manifest(folder) if (folder / MANIFEST).is_file() else None


def _of_token(newest: Held, place: Place, kind: str) -> Held:
    folder = newest.folder.with_name(f"{place.version}-{newest.made.digest}")
    made = _there(folder)
    if made is None:
        raise Malformed(f"The {kind} token has expired. Please restart the query.", fields={f"{kind}Token": "begin anew"})
    return Held(folder, made)


def _limited(told: list[Told], limit: int | None) -> list[Told]:
    """As many files as hold the rows a client wants at least."""
    if limit is None:
        return told
    rows, wanted = 0, []
    for one in told:
        if rows >= limit:
            break
        wanted.append(one)
        rows += one.file.rows
    return wanted


def _check_there(chosen: Sequence[Told]) -> None:
    if not all(_stored(one.folder) or (one.folder / one.file.path).is_file() for one in chosen):
        raise errors.FilesMissing("table files missing", remedy=AGAIN)


def _stored(folder: Path) -> str:
    """Where in the object store the files of a table lie; empty where they lie in its folder."""
    made = files.manifest(folder)
    return made.at if made is not None else ""


def _told(table: Held, standing: Standing, *, version: int | None = None, protocol: int | None = None) -> lines.SharedTable:
    made = table.made
    changes = standing.grant.delivery_mode == INCREMENTAL
    return lines.SharedTable(made.digest, made.schema, made.size, len(made.filled), changes, version, protocol)


def _headers(version: int) -> tuple[tuple[bytes, bytes], ...]:
    return ((lines.VERSION_HEADER.encode(), str(version).encode()),)


def _lines(said: list[lines.Line], wanted: Capabilities, version: int) -> Answer:
    spoken = tuple((name.encode(), value.encode()) for name, value in wanted.headers().items())
    return Answer(200, lines.encode(said), lines.KIND.encode(), headers=(*_headers(version), *spoken))
