# SPDX-License-Identifier: Apache-2.0
"""Pages of the catalogue: compile, consent, review, publish."""
