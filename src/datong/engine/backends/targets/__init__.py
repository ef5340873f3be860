# SPDX-License-Identifier: Apache-2.0
"""Other people's databases that rows are brought into."""
