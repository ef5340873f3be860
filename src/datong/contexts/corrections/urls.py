# SPDX-License-Identifier: Apache-2.0
"""Addresses of corrections."""

from django.urls import path

from datong.contexts.corrections.pages import deciding, recalling, reporting

app_name = "corrections"
urlpatterns = [
    path("corrections", deciding.corrections, name="corrections"),
    path("corrections/new", reporting.new, name="new_correction"),
    path("corrections/<str:number>", deciding.one, name="correction"),
    path("corrections/<str:number>/files/<int:key>", deciding.file, name="evidence"),
    path("corrections/<str:number>/<slug:verb>", deciding.decide, name="decide_correction"),
    path("recalls", recalling.recalls, name="recalls"),
    path("recalls/new", recalling.new, name="new_recall"),
    path("recalls/<str:number>", recalling.one, name="recall"),
    path("recalls/<str:number>/<slug:verb>", recalling.decide, name="decide_recall"),
]
