# SPDX-License-Identifier: Apache-2.0
"""Addresses of periods."""

from django.urls import path

from datong.contexts.periods.pages import watching

app_name = "periods"
urlpatterns = [
    path("notices", watching.notices, name="notices"),
    path("notices/<int:notice>/settle", watching.settle, name="settle"),
    path("periods", watching.periods, name="periods"),
    path("periods/<int:clock>", watching.one, name="period"),
    path("periods/<int:clock>/urge", watching.urge, name="urge"),
]
