# SPDX-License-Identifier: Apache-2.0
"""Traces of calls (OpenTelemetry), where the node sends any; a gateway that sends none never imports this."""
