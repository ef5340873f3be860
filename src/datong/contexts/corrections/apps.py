# SPDX-License-Identifier: Apache-2.0
"""The application of corrections."""

from django.apps import AppConfig


class CorrectionsConfig(AppConfig):
    """Django's handle on the corrections context."""

    name = "datong.contexts.corrections"
    label = "corrections"
    verbose_name = "数据校核"
