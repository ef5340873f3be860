# SPDX-License-Identifier: Apache-2.0
"""The front door of audit: record an act, follow the acts, read them."""

from datong.contexts.audit.domain import CHANNEL, ActView
from datong.contexts.audit.queries import acts
from datong.contexts.audit.usecases import follow, record

__all__ = ["CHANNEL", "ActView", "acts", "follow", "record"]
