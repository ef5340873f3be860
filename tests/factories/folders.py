# SPDX-License-Identifier: Apache-2.0
"""Folders of the node as a test finds and leaves them: a test that lands rows ends with none."""

from __future__ import annotations

import shutil

from django.conf import settings


def empty() -> None:
    """Take away what was landed, served, handed in, and what gateways recorded."""
    place = settings.NODE_FOLDER
    for folder in (place.lake, place.serving, place.uploads):
        for inside in folder.iterdir():
            shutil.rmtree(inside) if inside.is_dir() and not inside.is_symlink() else inside.unlink()
    for log in place.evidence.glob("gateway-*"):
        shutil.rmtree(log)
