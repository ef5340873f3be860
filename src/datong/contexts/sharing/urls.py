# SPDX-License-Identifier: Apache-2.0
"""Addresses of sharing."""

from django.urls import path

from datong.contexts.sharing.pages import asking, deciding, granted

app_name = "sharing"
urlpatterns = [
    path("requests", deciding.requests, name="requests"),
    path("requests/new", asking.new, name="new"),
    path("requests/<str:number>", deciding.one, name="request"),
    path("requests/<str:number>/edit", asking.edit, name="edit"),
    path("requests/<str:number>/autosave", asking.autosave, name="autosave"),
    path("requests/<str:number>/<slug:verb>", deciding.decide, name="decide"),
    path("grants", granted.grants, name="grants"),
    path("grants/<str:number>", granted.grant, name="grant"),
    path("grants/<str:number>/document", granted.document, name="document"),
    path("grants/<str:number>/<slug:verb>", granted.stop, name="stop"),
]
