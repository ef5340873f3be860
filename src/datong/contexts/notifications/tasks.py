# SPDX-License-Identifier: Apache-2.0
"""Background work of notifications: a sender, one at a time, beside the beats that must never wait for a network."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate.contrib.django import app

from datong.contexts.notifications import usecases
from datong.contexts.notifications.usecases.spreading import QUEUE, SEND


@app.task(name=SEND, queue=QUEUE)
def send() -> None:
    """Send what is due."""
    close_old_connections()
    usecases.send_due()
