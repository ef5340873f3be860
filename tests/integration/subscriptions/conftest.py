# SPDX-License-Identifier: Apache-2.0
"""Every test here begins and ends without lake, events and logs."""

from __future__ import annotations

import shutil

import pytest
from django.conf import settings


@pytest.fixture(autouse=True)
def _empty_folders():
    place = settings.NODE_FOLDER

    def clear() -> None:
        for folder in (place.lake, place.serving, place.uploads, place.path / "events"):
            for inside in folder.iterdir() if folder.exists() else ():
                shutil.rmtree(inside) if inside.is_dir() else inside.unlink()
        for log in ("gateway-push", "gateway-0"):
            shutil.rmtree(place.evidence / log, ignore_errors=True)

    clear()
    yield
    clear()
