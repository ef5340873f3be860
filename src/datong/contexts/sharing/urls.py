# SPDX-License-Identifier: Apache-2.0
"""Addresses of sharing."""

from django.urls import path

from datong.contexts.sharing.pages import asking, basket, changing, deciding, desk, disposing, granted, policies, printing

app_name = "sharing"
urlpatterns = [
    path("requests", deciding.requests, name="requests"),
    path("requests/new", asking.new, name="new"),
    path("requests/dry-run", asking.dry_run, name="dry_run"),
    path("basket", basket.basket, name="basket"),
    path("basket/add", basket.put, name="put_in_basket"),
    path("basket/requests", basket.asked, name="asked"),
    path("basket/<int:line>/remove", basket.take_out, name="take_out"),
    path("requests/desk", desk.desk, name="desk"),
    path("requests/endorse", desk.endorse, name="endorse"),
    path("requests/policies", policies.policies, name="policies"),
    path("requests/policies/<int:policy>/end", policies.end, name="end_policy"),
    path("requests/<str:number>", deciding.one, name="request"),
    path("requests/<str:number>/edit", asking.edit, name="edit"),
    path("requests/<str:number>/autosave", asking.autosave, name="autosave"),
    path("requests/<str:number>/papers/<slug:paper>", printing.request_paper, name="paper"),
    path("requests/<str:number>/<slug:verb>", deciding.decide, name="decide"),
    path("grants", granted.grants, name="grants"),
    path("grants/renew", granted.renew, name="renew"),
    path("grants/<str:number>", granted.grant, name="grant"),
    path("grants/<str:number>/document", granted.document, name="document"),
    path("grants/<str:number>/certificate", printing.certificate, name="grant_certificate"),
    path("grants/<str:number>/<slug:verb>", granted.stop, name="stop"),
    path("disposals", disposing.disposals, name="disposals"),
    path("disposals/<str:disposal>", disposing.disposal, name="disposal"),
    path("disposals/<str:disposal>/file", disposing.file, name="certificate"),
    path("disposals/<str:disposal>/<slug:verb>", disposing.decide, name="dispose"),
    path("changes", changing.changes, name="changes"),
    path("changes/new", changing.propose, name="propose"),
    path("changes/<str:change>", changing.change, name="change"),
    path("changes/<str:change>/<slug:verb>", changing.decide, name="decide_change"),
]
