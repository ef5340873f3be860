# SPDX-License-Identifier: Apache-2.0
"""Full-text search inside the process: the one place that knows tantivy and jieba."""
