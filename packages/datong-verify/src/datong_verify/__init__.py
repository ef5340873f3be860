# SPDX-License-Identifier: Apache-2.0
"""An offline verifier of Datong's evidence that shares no code with Datong."""

__version__ = "0.1.0"
