# SPDX-License-Identifier: Apache-2.0
"""Addresses of the portal."""

from django.urls import path

from datong.contexts.portal.pages import finding, home, resource, workbench

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("search", finding.search, name="search"),
    path("search/suggest", finding.suggest, name="suggest"),
    path("resources/<int:head>/<int:sequence>", resource.resource, name="resource"),
    path("workbench", workbench.workbench, name="workbench"),
]
