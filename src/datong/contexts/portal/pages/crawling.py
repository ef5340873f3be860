# SPDX-License-Identifier: Apache-2.0
"""For search engines and browsers: robots.txt, the sitemap, the description of our own search.

Kept here: the sitemap lists what anybody may see. Its parts are ranges of keys, so that a part only changes when one of its
entries does.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from datong.contexts.catalog import face as catalog

PART = 20_000
"""Keys of one part; a sitemap may list 50 000 addresses."""
SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
CLOSED = ("/api/", "/sign-in", "/workbench", "/search?*page=")


@login_not_required
@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    """Say where crawlers may go: the public pages."""
    lines = ["User-agent: *", *[f"Disallow: {path}" for path in CLOSED], "", f"Sitemap: {catalog.site().base}/sitemap.xml", ""]
    return HttpResponse("\n".join(lines), "text/plain; charset=utf-8")


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """List the parts, or with `part` the public entries of one."""
    site, given = catalog.site(), request.GET.get("part", "")
    if given.isascii() and given.isdigit() and len(given) <= 9:
        low = int(given) * PART
        rows = catalog.codes_between(low, low + PART)
        return _xml("urlset", (_place("url", site.entry(code), at.date().isoformat()) for code, at in rows))
    parts = range(catalog.largest_key() // PART + 1)
    return _xml("sitemapindex", (_place("sitemap", f"{site.base}/sitemap.xml?part={part}") for part in parts))


@login_not_required
@require_safe
def opensearch(_request: HttpRequest) -> HttpResponse:
    """Describe our search, so that a browser can offer it."""
    site = catalog.site()
    name = site.name + gettext("数据共享平台")
    body = (
        f'{HEAD}<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        f"<ShortName>{escape(name[:16])}</ShortName>\n<Description>{escape(name)}</Description>\n<InputEncoding>UTF-8</InputEncoding>\n"
        f'<Image width="16" height="16" type="image/svg+xml">{escape(site.base)}/static/mark.svg</Image>\n'
        f'<Url type="text/html" template="{escape(site.base)}/search?q={{searchTerms}}"/>\n'
        f'<Url type="application/json" template="{escape(site.base)}/api/v1/resources?q={{searchTerms}}"/>\n'
        "</OpenSearchDescription>\n"
    )
    return HttpResponse(body, "application/opensearchdescription+xml; charset=utf-8")


def _xml(name: str, places: Iterable[str]) -> HttpResponse:
    body = f'{HEAD}<{name} xmlns="{SPACE}">\n{"".join(places)}</{name}>\n'
    return HttpResponse(body, "application/xml; charset=utf-8", headers={"Cache-Control": "public, max-age=3600"})


def _place(name: str, address: str, day: str = "") -> str:
    changed = f"<lastmod>{day}</lastmod>" if day else ""
    return f"<{name}><loc>{escape(address)}</loc>{changed}</{name}>\n"
