# SPDX-License-Identifier: Apache-2.0
"""What a grant, and a source, may use at once, in a second and in a day; and whose turn it is."""
