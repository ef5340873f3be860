# SPDX-License-Identifier: Apache-2.0
"""Every test here begins and ends with empty folders."""

from __future__ import annotations

import shutil

import pytest
from django.conf import settings

from datong.engine import face as engine


@pytest.fixture(autouse=True)
def _empty_folders():
    yield
    place = settings.NODE_FOLDER
    for folder in (place.lake, place.serving, place.uploads):
        for inside in folder.iterdir():
            shutil.rmtree(inside) if inside.is_dir() and not inside.is_symlink() else inside.unlink()
    for log in place.evidence.glob("gateway-*"):
        shutil.rmtree(log)


@pytest.fixture
def uploads():
    """Names of the files now below the uploads folder."""
    root = settings.NODE_FOLDER.uploads
    return lambda: sorted(str(file.relative_to(root)) for file in root.rglob("*") if file.is_file())


@pytest.fixture(autouse=True)
def _no_uploads_of_other_tests():
    """A test begins with an empty uploads folder: other suites of the same worker leave files behind."""
    for file in settings.NODE_FOLDER.uploads.rglob("*"):
        if file.is_file():
            file.unlink()


@pytest.fixture(autouse=True)
def _look_here(request, monkeypatch):
    """Look at sources in this process: starting one takes a second. Tests marked otherwise start one."""
    if "a_process" not in request.fixturenames:
        monkeypatch.setattr(engine, "apart", lambda task, *given, seconds=None, **more: task(*given, **more))


@pytest.fixture
def a_process():
    """Let the engine start its processes."""
