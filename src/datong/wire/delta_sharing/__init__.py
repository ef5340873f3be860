# SPDX-License-Identifier: Apache-2.0
"""The Delta Sharing protocol as bytes: profile, listings, query, lines, tokens, errors. No I/O.

Kept here: the released clients are the judge where they and the protocol's document differ; both response formats are
spoken, parquet unless delta alone is asked for, for every client takes parquet.
"""
