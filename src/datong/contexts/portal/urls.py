# SPDX-License-Identifier: Apache-2.0
"""Addresses of the portal."""

from django.urls import path

from datong.contexts.portal.pages import crawling, doors, finding, home, resource, workbench
from datong.wire.dcat import FORMATS

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("search", finding.search, name="search"),
    path("search/suggest", finding.suggest, name="suggest"),
    path("resources/<int:head>/<int:sequence>", resource.resource, name="resource"),
    path("workbench", workbench.workbench, name="workbench"),
    *[path(f"catalog.{kind}", doors.feed, {"kind": kind}, name="feed") for kind in FORMATS],
    *[
        path(f"resources/<int:head>/<int:sequence>.{kind}", doors.document, {"kind": kind}, name="document")
        for kind in FORMATS
    ],
    path("robots.txt", crawling.robots, name="robots"),
    path("sitemap.xml", crawling.sitemap, name="sitemap"),
    path("opensearch.xml", crawling.opensearch, name="opensearch"),
]
