# SPDX-License-Identifier: Apache-2.0
"""Pages of the portal: home, search, resource, workbench. They only read, through the faces of the others."""
