# SPDX-License-Identifier: Apache-2.0
"""Machine doors: the catalogue and its entries for programs: Turtle, JSON-LD, RDF/XML; every answer can be asked again cheaply.

Kept here: the feed is what anybody may see, whoever asks. An entry's document is what its page would show the same
person. An answer carries an ETag of its bytes, so that a harvester that has them already gets 304 and no body.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from datong.contexts.catalog import face as catalog
from datong.wire import dcat

USUAL, MOST = 100, 1000
"""Entries of a page of the feed."""
HTML = "text/html"
TYPES = {form.media_type: form for form in dcat.FORMATS.values()}


@login_not_required
@require_safe
def feed(request: HttpRequest, kind: str) -> HttpResponse:
    """Give one page of the public catalogue; the first page takes a snapshot, the links lead through it."""
    form, site = dcat.FORMATS[kind], catalog.site()
    limit = min(max(_number(request.GET.get("limit", ""), USUAL), 1), MOST)
    given, after = request.GET.get("snapshot", ""), _number(request.GET.get("after", ""), 0)
    taken = catalog.Snapshot.parse(given) if given else catalog.snapshot()
    entries, last = catalog.feed(taken, after=after, limit=limit)
    address = f"{site.base}/catalog.{kind}"
    sized = {"limit": limit} if limit != USUAL else {}
    first = _with(address, sized)
    here = _with(address, {"snapshot": taken, "after": after, **sized}) if given or after else first
    more = _with(address, {"snapshot": taken, "after": last, **sized}) if last else ""
    page = dcat.Page(here, first, more, taken.total, taken.moment)
    response = _answer(form, dcat.describe_catalogue(site, entries, page), "public, no-cache")
    links = [f'<{first}>; rel="first"', *([f'<{more}>; rel="next"'] if more else [])]
    response["Link"] = ", ".join(links)
    return _unless_known(request, response, None if given else taken.moment)


@login_not_required
@require_safe
def document(request: HttpRequest, head: int, sequence: int, kind: str) -> HttpResponse:
    """Give one entry as the page would show it to the same person."""
    return entry(request, f"{head}/{sequence}", dcat.FORMATS[kind])


def entry(request: HttpRequest, code: str, form: dcat.Format) -> HttpResponse:
    """Give one entry in a format.

    Raises:
        Unknown: There is none, or none visible.
    """
    site, one = catalog.site(), catalog.entry(code, by=request.officer)
    privacy = "public" if request.officer is None else "private"
    response = _answer(form, dcat.describe_entry(site, one), f"{privacy}, no-cache")
    response["Content-Location"] = f"{site.entry(code)}.{form.suffix}"
    response["Link"] = f'<{site.entry(code)}>; rel="canonical"'
    return _unless_known(request, response, one.modified)


def preferred(request: HttpRequest) -> dcat.Format | None:
    """The format a program would rather have than the page; None when the page is as good."""
    return TYPES.get(request.get_preferred_type([HTML, *TYPES]) or HTML)


def _answer(form: dcat.Format, nodes: Iterable[dcat.Node], cache: str) -> HttpResponse:
    body = "".join(form.write(nodes)).encode()
    kind = f"{form.media_type}; charset=utf-8" if form.media_type.startswith("text/") else form.media_type
    response = HttpResponse(body, kind, headers={"Cache-Control": cache})
    response["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _unless_known(request: HttpRequest, response: HttpResponse, modified: datetime | None) -> HttpResponse:
    """The answer, or 304 when the one who asks has it."""
    since = int(modified.timestamp()) if modified else None
    if since is not None:
        response["Last-Modified"] = http_date(since)
    patch_vary_headers(response, ["Accept"])
    return get_conditional_response(request, etag=response["ETag"], last_modified=since, response=response) or response


def _with(address: str, query: dict[str, object]) -> str:
    return f"{address}?{urlencode(query)}" if query else address


def _number(text: str, usual: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else usual
