# SPDX-License-Identifier: Apache-2.0
"""Files as browsers send them: to the disk piece by piece, never more than may be attached, and told when it is full.

Kept here: a file that is too large or that the disk cannot take is let go at once; the request goes on without it and
carries why (`request.upload_refusal`), so that page and API can say so in their own voice.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

from datong.contexts.exchange.usecases import holding
from datong.kernel.errors import DatongError


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Takes a file onto the disk within bounds."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        self.taken = 0
        self.file: Any = None
        try:
            super().new_file(*args, **kwargs)
        except OSError as error:
            self._let_go(holding.full(error))
            raise SkipFile from None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take a piece."""
        self.taken += len(raw_data)
        if self.taken > holding.LARGEST_UPLOAD:
            self._let_go(holding.too_large())
            raise SkipFile
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError as error:
            self._let_go(holding.full(error))
            raise SkipFile from None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """End a file."""
        try:
            return super().file_complete(file_size)
        except OSError as error:
            self._let_go(holding.full(error))
            return None

    def _let_go(self, why: DatongError) -> None:
        self.request.upload_refusal = why  # type: ignore[union-attr]
        if self.file is None:
            return
        with contextlib.suppress(OSError):
            Path(self.file.temporary_file_path()).unlink()
        with contextlib.suppress(OSError):
            self.file.close()
