# SPDX-License-Identifier: Apache-2.0
"""The application of disputes."""

from django.apps import AppConfig


class DisputesConfig(AppConfig):
    """Django's handle on the disputes context."""

    name = "datong.contexts.disputes"
    label = "disputes"
    verbose_name = "争议与投诉"
