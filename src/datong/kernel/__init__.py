# SPDX-License-Identifier: Apache-2.0
"""Rules of the field: codes, identifiers, sharing types, stages, working days, errors. Standard library only."""
