# SPDX-License-Identifier: Apache-2.0
"""Pure rules of demands: the life of a demand and of a responsibility, what a demand must say, how a match is judged."""
