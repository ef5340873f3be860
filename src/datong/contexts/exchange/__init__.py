# SPDX-License-Identifier: Apache-2.0
"""Exchange: data attached, landed and served under grants."""
