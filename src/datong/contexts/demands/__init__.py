# SPDX-License-Identifier: Apache-2.0
"""What is wanted and not in the catalogue: demanded, matched, assigned, compiled, then requested (809 art. 20)."""
