# SPDX-License-Identifier: Apache-2.0
"""What is wrong in an entry, a record or an interface: reported, verified, corrected, rated (809 art. 26); data recalled."""
