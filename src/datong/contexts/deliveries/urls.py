# SPDX-License-Identifier: Apache-2.0
"""Addresses of the pages of deliveries."""

from django.urls import path

from datong.contexts.deliveries.pages import asking, listing, tracing

app_name = "deliveries"
urlpatterns = [
    path("deliveries", listing.deliveries, name="deliveries"),
    path("deliveries/trace", tracing.trace, name="trace"),
    path("deliveries/of/<str:grant>", listing.of_grant, name="of_grant"),
    path("deliveries/new/<str:grant>", asking.new, name="new_delivery"),
    path("deliveries/<str:delivery>", listing.delivery, name="delivery"),
    path("deliveries/<str:delivery>/files/<int:place>", listing.file, name="file"),
    path("deliveries/<str:delivery>/<slug:verb>", listing.decide, name="decide_delivery"),
    path("deliveries/schedules/<int:schedule>/stop", listing.stop, name="stop_schedule"),
]
