# SPDX-License-Identifier: Apache-2.0
"""Systems of others that are no databases: object stores, file servers and interfaces, and the one guarded way to them."""
