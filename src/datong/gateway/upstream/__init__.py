# SPDX-License-Identifier: Apache-2.0
"""Resources whose provider answers by an interface of its own: asked, bounded, filtered and masked on the way."""
