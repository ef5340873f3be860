# SPDX-License-Identifier: Apache-2.0
"""Addresses of the catalogue."""

from django.urls import path

from datong.contexts.catalog.pages import (
    batching,
    comparing,
    compiling,
    entries,
    importing,
    inventory,
    removing,
    reversing,
    synonyms,
    updating,
)

app_name = "catalog"
urlpatterns = [
    path("catalog", entries.entries, name="entries"),
    path("catalog/new", compiling.new, name="new"),
    path("catalog/batch", batching.batch, name="batch"),
    path("catalog/synonyms", synonyms.synonyms, name="synonyms"),
    path("catalog/synonyms/<int:pair>/drop", synonyms.drop_synonym, name="drop_synonym"),
    path("catalog/<int:version>", entries.entry, name="entry"),
    path("catalog/<int:version>/edit", compiling.edit, name="edit"),
    path("catalog/import", importing.imports, name="imports"),
    path("catalog/imports/<int:number>", importing.one, name="import"),
    path("catalog/imports/<int:number>/sheet", importing.sheet, name="import_sheet"),
    path("catalog/template", importing.template, name="template"),
    path("catalog/export", importing.export, name="export"),
    path("catalog/reverse", reversing.reverse, name="reverse"),
    path("catalog/<int:version>/merge", compiling.merge, name="merge"),
    path("catalog/<int:version>/autosave", compiling.autosave, name="autosave"),
    path("catalog/<int:version>/<slug:verb>", entries.decide, name="decide"),
    path("resources/<int:head>/<int:sequence>/versions", entries.renew, name="renew"),
    path("resources/<int:head>/<int:sequence>/history", comparing.history, name="history"),
    path("resources/<int:head>/<int:sequence>/removal", removing.ask, name="ask_removal"),
    path("catalog/removals", removing.removals, name="removals"),
    path("catalog/removals/<int:removal>", removing.removal, name="removal"),
    path("catalog/removals/<int:removal>/<slug:verb>", removing.decide, name="decide_removal"),
    path("catalog/tickets", updating.tickets, name="tickets"),
    path("catalog/tickets/new", updating.new, name="new_ticket"),
    path("catalog/tickets/<int:ticket>", updating.ticket, name="ticket"),
    path("catalog/tickets/<int:ticket>/<slug:verb>", updating.decide, name="decide_ticket"),
    path("catalog/inventory", inventory.inventory, name="inventory"),
    path("catalog/inventory/systems/new", inventory.system, name="new_system"),
    path("catalog/inventory/systems/<int:system>", inventory.system, name="system"),
    path("catalog/inventory/duties/new", inventory.duty, name="new_duty"),
    path("catalog/inventory/duties/<int:duty>", inventory.duty, name="duty"),
    path("catalog/inventory/<slug:kind>/<int:key>/retire", inventory.retire, name="retire"),
    path("catalog/laws", inventory.laws, name="laws"),
    path("catalog/elements", inventory.elements, name="elements"),
]
