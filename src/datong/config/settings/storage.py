# SPDX-License-Identifier: Apache-2.0
"""Where rows, files and evidence lie."""

from urllib.parse import parse_qs, unquote, urlsplit

from datong.config.node import env, lake

_folder, _node = env.node()


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**query, "options": "-c lock_timeout=10s -c statement_timeout=60s"},
    }


DATABASE_URL = env.database_url(_folder, _node)
DATABASES = {"default": _database(DATABASE_URL)}
NODE_FOLDER = _folder
BULK = env.bulk()
"""What does the work on whole tables."""
LAKE_BUCKET = lake.bucket(_node)
"""Where the lake lies; None: in the folder of the node."""
LAKE_ROOM = lake.room(_node)
MEDIA_ROOT = _folder.uploads
FILE_UPLOAD_TEMP_DIR = _folder.uploads if _folder.uploads.exists() else None
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "datong.contexts.exchange.pages.uploads.BoundedUploadHandler",
]
