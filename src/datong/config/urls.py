# SPDX-License-Identifier: Apache-2.0
"""Addresses: the API under /api/v1, health, and the pages of every context."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

from datong.config.api import api
from datong.config.pages import health
from datong.config.pages.gateways import gateways
from datong.config.pages.metrics import metrics

urlpatterns = [
    path("api/v1/", api.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("gateways", gateways, name="gateways"),
    path("i18n/", include("django.conf.urls.i18n")),
    *[path("", include(room)) for name in settings.CONTEXTS if find_spec(room := f"datong.contexts.{name}.urls")],
]
handler404 = "datong.config.pages.errors.not_found"
handler403 = "datong.config.pages.errors.not_found"
handler500 = "datong.config.pages.errors.broken"
