# SPDX-License-Identifier: Apache-2.0
"""pip's own settings, told to uv and npm: index, certificates, proxy, wherever pip reads them from.

Kept here: nobody has to configure this project for a mirror or a proxy that pip already knows; what is set for uv or npm
themselves wins.
"""

from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path

LISTS = {"extra-index-url", "find-links", "trusted-host"}
ORDER = ("global", "site", "user", "install", ":env:")


def pip_settings(python: str) -> dict[str, str]:
    """What `pip config list` says, option to value, the stronger source winning.

    Args:
        python: a Python that has pip.
    """
    done = subprocess.run([python, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True)
    found: dict[str, dict[str, str]] = {}
    for line in done.stdout.splitlines():
        name, _, value = line.partition("=")
        section, _, option = name.strip().rpartition(".")
        try:
            found.setdefault(section, {})[option] = str(ast.literal_eval(value))
        except (ValueError, SyntaxError):
            continue
    merged: dict[str, str] = {}
    for section in ORDER:
        merged |= found.get(section, {})
    return merged


def for_uv(settings: dict[str, str]) -> dict[str, str]:
    """The same settings as uv's environment variables."""
    extra = settings.get("extra-index-url", "").split()
    given = {
        "UV_DEFAULT_INDEX": settings.get("index-url", ""),
        "UV_INDEX": " ".join(extra),
        "UV_INDEX_STRATEGY": "unsafe-best-match" if extra else "",  # all indexes are one pool, as they are for pip
        "UV_FIND_LINKS": ",".join(part for part in settings.get("find-links", "").split() if _exists(part)),
        "UV_INSECURE_HOST": " ".join(settings.get("trusted-host", "").split()),
        "UV_NO_INDEX": "1" if settings.get("no-index", "").lower() in {"1", "true", "yes", "on"} else "",
        "UV_HTTP_TIMEOUT": settings.get("default-timeout", settings.get("timeout", "")),
        "SSL_CERT_FILE": settings.get("cert", ""),
        "SSL_CLIENT_CERT": settings.get("client-cert", ""),
        "HTTPS_PROXY": settings.get("proxy", ""),
        "HTTP_PROXY": settings.get("proxy", ""),
    }
    return {name: value for name, value in given.items() if value and not _set(name)}


def for_npm(settings: dict[str, str]) -> dict[str, str]:
    """What npm can use of them: certificates and proxy."""
    given = {
        "NODE_EXTRA_CA_CERTS": settings.get("cert", ""),
        "HTTPS_PROXY": settings.get("proxy", ""),
        "HTTP_PROXY": settings.get("proxy", ""),
    }
    return {name: value for name, value in given.items() if value and not _set(name)}


def _set(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(name.lower()))


def _exists(link: str) -> bool:
    return "://" in link or Path(link).exists()
