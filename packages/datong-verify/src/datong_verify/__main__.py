# SPDX-License-Identifier: Apache-2.0
"""`python -m datong_verify`."""

from datong_verify.main import main

main()
