# SPDX-License-Identifier: Apache-2.0
"""The data plane's engine: lake tables, landing, serving indexes, and plans that are SQL as values.

Kept here: rules become SQL in `plans` and are run by a backend; others enter by `face`. The gateway takes only
`plans.lookup` and `backends.index`, which load no heavy driver.
"""
