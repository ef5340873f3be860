# SPDX-License-Identifier: Apache-2.0
"""Addresses of the pages of subscriptions."""

from django.urls import path

from datong.contexts.subscriptions.pages import keeping, listing

app_name = "subscriptions"
urlpatterns = [
    path("subscriptions", listing.subscriptions, name="subscriptions"),
    path("subscriptions/of/<str:grant>", keeping.of_grant, name="of_grant"),
    path("subscriptions/of/<str:grant>/new", keeping.new, name="new_subscription"),
    path("subscriptions/<str:subscription>", keeping.one, name="subscription"),
    path("subscriptions/<str:subscription>/<slug:verb>", keeping.decide, name="decide_subscription"),
    path("subscriptions/<str:subscription>/dead/<int:key>/<slug:verb>", keeping.settle, name="settle_dead_letter"),
]
