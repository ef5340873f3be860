# SPDX-License-Identifier: Apache-2.0
"""The Delta Sharing protocol as bytes: profile, listings, query, lines, page tokens, errors. No I/O.

Kept here: the released clients are the judge where they and the protocol's document differ; only the parquet response
format is spoken, which every client takes, so a capabilities header is read and answered with that.
"""
