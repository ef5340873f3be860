# SPDX-License-Identifier: Apache-2.0
"""`datong user …`: accounts, for whoever may run commands on the node's machine. Every change is an act of `system`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datong.config.cli import output
from datong.config.node.django import of_node

app = typer.Typer(help="Accounts of a running node.", no_args_is_help=True)
Node = Annotated[Path | None, typer.Option("--node", help="Folder of the node; default: DATONG_NODE, then here.")]
AsJson = Annotated[bool, output.JSON]
Account = Annotated[str, typer.Argument(help="Sign-in name.")]


@app.command("list")
def list_accounts(node: Node = None, *, as_json: AsJson = False) -> None:
    """List accounts, their departments and roles."""
    from dataclasses import asdict

    with of_node(node):
        from datong.contexts.organisations import queries
        from datong.kernel.actors import SYSTEM

        found, page = [], queries.accounts(by=SYSTEM)
        while page:
            found += page
            page = queries.accounts(by=SYSTEM, after=page[-1].username)
    if as_json:
        output.give([asdict(one) for one in found], as_json=True)
        return
    rows = [(one.username, one.name, one.department_name, ", ".join(one.roles), _state(one)) for one in found]
    output.table("Accounts", ["account", "name", "department", "roles", "state"], rows)


@app.command()
def add(
    account: Account,
    name: Annotated[str, typer.Option("--name", help="The person's name.")],
    department: Annotated[str, typer.Option("--department", help="Unified social credit code of the department.")] = "",
    role: Annotated[list[str] | None, typer.Option("--role", help="Role to appoint to; may be given again.")] = None,
    node: Node = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make an account; its first password is shown once."""
    with of_node(node):
        from django.db import transaction

        from datong.contexts.organisations import usecases
        from datong.kernel.actors import SYSTEM

        with transaction.atomic():
            made = usecases.create_account(account, name, by=SYSTEM, department=department)
            for one in role or []:
                usecases.appoint(made.account.username, one, by=SYSTEM)
    _show_password(made.account.username, made.password, as_json=as_json)


@app.command()
def appoint(
    account: Account,
    role: Annotated[str, typer.Argument(help="Role, such as authority.")],
    node: Node = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Give an account a role."""
    with of_node(node):
        from datong.contexts.organisations import usecases
        from datong.kernel.actors import SYSTEM

        officer = usecases.appoint(account, role, by=SYSTEM)
    roles = sorted(officer.roles)
    output.give({"account": officer.account, "roles": roles}, as_json=as_json, text=f"{officer.account}: {', '.join(roles)}")


@app.command("reset-password")
def reset_password(account: Account, node: Node = None, *, as_json: AsJson = False) -> None:
    """Give an account a new first password and unlock it; shown once."""
    with of_node(node):
        from datong.contexts.organisations import usecases
        from datong.kernel.actors import SYSTEM

        made = usecases.reset_password(account, by=SYSTEM)
    _show_password(made.account.username, made.password, as_json=as_json)


def _show_password(account: str, password: str, *, as_json: bool) -> None:
    text = f"{account}: {password}\nShown this once; it must be changed at the first sign-in."
    output.give({"account": account, "password": password}, as_json=as_json, text=text)


def _state(account: object) -> str:
    words = {"active": "active", "locked": "locked", "must_change_password": "first password"}
    return ", ".join(word for name, word in words.items() if getattr(account, name)) or "suspended"
