# SPDX-License-Identifier: Apache-2.0
"""Addresses of demands."""

from django.urls import path

from datong.contexts.demands.pages import deciding, listing, writing

app_name = "demands"
urlpatterns = [
    path("demands", listing.demands, name="demands"),
    path("demands/new", writing.new, name="new_demand"),
    path("demands/matches", writing.suggestions, name="demand_matches"),
    path("demands/<str:number>", deciding.one, name="demand"),
    path("demands/<str:number>/edit", writing.edit, name="edit_demand"),
    path("demands/<str:number>/<slug:verb>", deciding.decide, name="decide_demand"),
    path("responsibilities", listing.responsibilities, name="responsibilities"),
]
