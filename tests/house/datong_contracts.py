# SPDX-License-Identifier: Apache-2.0
"""Our own kind of import contract: a context is entered from other contexts by one module alone."""

from __future__ import annotations

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class FrontDoorContract(Contract):
    """Other contexts import `<context>.<door>`, and nothing behind it.

    Attributes:
        container: package whose children are the contexts.
        door: name of the one module that may be imported from outside.
    """

    container = fields.ModuleField()
    door = fields.StringField()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Find every import of a module behind the door."""
        house: Any = self.container
        trespass = []
        for context in sorted(graph.find_children(house.name)):
            inside = {context} | graph.find_descendants(context)
            for module in sorted(inside - {f"{context}.{self.door}"}):
                importers = graph.find_modules_that_directly_import(module) - inside
                trespass += [f"{one} -> {module}" for one in sorted(importers) if one.startswith(house.name + ".")]
        return ContractCheck(kept=not trespass, metadata={"trespass": trespass})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name every trespass."""
        for line in check.metadata["trespass"]:
            output.print_error(line)
