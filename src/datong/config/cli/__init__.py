# SPDX-License-Identifier: Apache-2.0
"""The command line: `datong <noun> <verb>`. Nothing heavy is imported before a command is chosen."""
