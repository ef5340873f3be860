# SPDX-License-Identifier: Apache-2.0
"""What a grant gives, told to its caller: worked out once from its entry in the policy, written as an OpenAPI document."""
