# SPDX-License-Identifier: Apache-2.0
"""`python -m datong.config.node PROCESS`: what the supervisor starts."""

import sys
from importlib import import_module

if __name__ == "__main__":
    import_module(f"datong.config.node.{sys.argv[1]}").main()
