# SPDX-License-Identifier: Apache-2.0
"""Changes followed by subscribers: by cursor, by long poll, by server-sent events."""
