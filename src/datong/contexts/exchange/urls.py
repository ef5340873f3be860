# SPDX-License-Identifier: Apache-2.0
"""Addresses of the exchange pages."""

from django.urls import path

from datong.contexts.exchange.pages import (
    attaching,
    collecting,
    describing,
    drifting,
    explaining,
    reading,
    tallying,
    tracing,
    trying,
    upstreams,
    using,
)

app_name = "exchange"
urlpatterns = [
    path("exchange/attach/<int:head>/<int:sequence>", attaching.attach, name="attach"),
    path("exchange/upstream/<int:head>/<int:sequence>", upstreams.upstream, name="upstream"),
    path("exchange/upstream/<int:head>/<int:sequence>/<slug:verb>", upstreams.decide, name="decide_upstream"),
    path("exchange/batches", collecting.batches, name="batches"),
    path("exchange/batches/<int:number>", collecting.batch, name="batch"),
    path("exchange/batches/<int:number>/<slug:verb>", collecting.decide, name="decide_batch"),
    path("exchange/schedules", collecting.schedules, name="schedules"),
    path("exchange/schedules/<int:number>", collecting.schedule, name="schedule"),
    path("exchange/schedules/<int:number>/<slug:verb>", collecting.act, name="act_on_schedule"),
    path("resources/<int:head>/<int:sequence>/lineage", tracing.lineage, name="lineage"),
    path("exchange/grants/<str:number>/usage", using.usage, name="usage"),
    path("exchange/grants/<str:number>/try", trying.try_it, name="try_it"),
    path("exchange/grants/<str:number>/interface", describing.interface, name="interface"),
    path("exchange/grants/<str:number>/openapi.json", describing.interface_document, name="interface_document"),
    path("exchange/grants/<str:number>/table", reading.table, name="table"),
    path("exchange/grants/<str:number>/table/<slug:verb>", reading.act, name="act_on_table"),
    path("activate", reading.activate, name="activate"),
    path("exchange/drifts", drifting.drifts, name="drifts"),
    path("exchange/drifts/<int:number>", drifting.drift, name="drift"),
    path("exchange/drifts/<int:number>/<slug:verb>", drifting.decide, name="decide_drift"),
    path("resources/<int:head>/<int:sequence>/compare", drifting.compare, name="compare"),
    path("exchange/calls", using.calls, name="calls"),
    path("exchange/use", using.use, name="use"),
    path("exchange/figures", tallying.figures, name="figures"),
    path("explain", explaining.explain, name="explain"),
]
