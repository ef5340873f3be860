# SPDX-License-Identifier: Apache-2.0
"""Plans: rules turned into SQL values; nothing here runs or reads anything."""
