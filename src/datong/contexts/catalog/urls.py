# SPDX-License-Identifier: Apache-2.0
"""Addresses of the catalogue."""

from django.urls import path

from datong.contexts.catalog.pages import compiling, entries, reversing, synonyms

app_name = "catalog"
urlpatterns = [
    path("catalog", entries.entries, name="entries"),
    path("catalog/new", compiling.new, name="new"),
    path("catalog/synonyms", synonyms.synonyms, name="synonyms"),
    path("catalog/synonyms/<int:pair>/drop", synonyms.drop_synonym, name="drop_synonym"),
    path("catalog/<int:version>", entries.entry, name="entry"),
    path("catalog/<int:version>/edit", compiling.edit, name="edit"),
    path("catalog/reverse", reversing.reverse, name="reverse"),
    path("catalog/<int:version>/merge", compiling.merge, name="merge"),
    path("catalog/<int:version>/autosave", compiling.autosave, name="autosave"),
    path("catalog/<int:version>/<slug:verb>", entries.decide, name="decide"),
    path("resources/<int:head>/<int:sequence>/versions", entries.renew, name="renew"),
]
