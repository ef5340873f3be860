# SPDX-License-Identifier: Apache-2.0
"""Rules of deliveries: their stages, what may be asked for, when one is due, whose copy a file is."""
