# SPDX-License-Identifier: Apache-2.0
"""Addresses of disputes and of complaints; two of the latter are open to everybody."""

from django.urls import path

from datong.contexts.disputes.pages import handling, listing, opening, public, settling

app_name = "disputes"
urlpatterns = [
    path("disputes", listing.disputes, name="disputes"),
    path("disputes/new", opening.new, name="new_dispute"),
    path("disputes/<str:number>", settling.one, name="dispute"),
    path("disputes/<str:number>/files/<int:key>", settling.file, name="dispute_file"),
    path("disputes/<str:number>/<slug:verb>", settling.decide, name="decide_dispute"),
    path("complaints", listing.complaints, name="complaints"),
    path("complaints/new", public.new, name="new_complaint"),
    path("complaints/status", public.status, name="complaint_status"),
    path("complaints/<str:number>", handling.one, name="complaint"),
    path("complaints/<str:number>/<slug:verb>", handling.decide, name="decide_complaint"),
]
