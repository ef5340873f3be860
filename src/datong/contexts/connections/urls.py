# SPDX-License-Identifier: Apache-2.0
"""Addresses of the pages of connections."""

from django.urls import path

from datong.contexts.connections.pages import keeping, listing

app_name = "connections"
urlpatterns = [
    path("connections", listing.connections, name="connections"),
    path("connections/new", keeping.new, name="new_connection"),
    path("connections/<str:number>", keeping.one, name="connection"),
    path("connections/<str:number>/<slug:verb>", keeping.decide, name="decide_connection"),
]
