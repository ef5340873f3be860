# SPDX-License-Identifier: Apache-2.0
"""How notices reach people: in the page, by e-mail, by webhook, as a digest."""
