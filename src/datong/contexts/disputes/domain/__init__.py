# SPDX-License-Identifier: Apache-2.0
"""Pure rules of disputes and of complaints by the public: their lives, and to whose authority a dispute goes."""
