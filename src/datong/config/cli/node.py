# SPDX-License-Identifier: Apache-2.0
"""`datong node …`: make, start, stop and look at a node."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datong.config.cli import output

app = typer.Typer(help="Make, start, stop and look at a node.", no_args_is_help=True)
Folder = Annotated[Path | None, typer.Argument(metavar="DIR", help="Folder of the node; default: DATONG_NODE, then here.")]
AsJson = Annotated[bool, output.JSON]
Port = Annotated[int | None, typer.Option("--control-port", min=1, max=65535, help="Port of pages and API.")]
GatewayPort = Annotated[int | None, typer.Option("--gateway-port", min=1, max=65535, help="Port of the gateway.")]


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New or empty folder.")],
    code: Annotated[str, typer.Option("--code", help="Division code, such as 330000; a ministry's credit code.")],
    name: Annotated[str, typer.Option("--name", help="What people call the node, such as 浙江省.")],
    role: Annotated[str, typer.Option("--role", help="national, provincial, municipal, county or ministry.")] = "provincial",
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    control_port: Port = None,
    gateway_port: GatewayPort = None,
    database_url: Annotated[str, typer.Option("--database-url", help="An outside PostgreSQL instead of the embedded one.")] = "",
    allow_host: Annotated[list[str] | None, typer.Option("--allow-host", help="Name under which browsers reach it.")] = None,
    *,
    signature: Annotated[str, typer.Option("--signature", help="How the node signs: ed25519, or sm2 (国密).")] = "ed25519",
    secure: Annotated[bool, typer.Option("--secure", help="TLS ends before this node.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a node: folder, signing key, settings. Free ports are chosen where the usual ones are taken."""
    from datong.config.node.create import Wishes, create

    hosts = tuple(allow_host or ())
    wishes = Wishes(code, name, role, host, control_port, gateway_port, database_url, hosts, secure, signature)
    place, config = create(folder, wishes)
    made = {"node": str(place.path), "control_port": config.control_port, "gateway_port": config.gateway_port}
    text = f"{config.name} ({config.code}) made in {place.path}\nports {config.control_port} and {config.gateway_port}\n"
    output.give(made, as_json=as_json, text=f"{text}next: datong node up {folder}")


@app.command()
def up(
    folder: Folder = None,
    control_port: Port = None,
    gateway_port: GatewayPort = None,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    wait: Annotated[float, typer.Option("--wait", help="With --detach: seconds until it must be ready.")] = 120.0,
    *,
    detached: Annotated[bool, typer.Option("--detach", "-d", help="Return when the node is ready.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start a node and keep it up until Ctrl-C or SIGTERM."""
    from datong.config.node import launch

    place = launch.at(folder)
    place.read()
    given = {"DATONG_CONTROL_PORT": control_port, "DATONG_GATEWAY_PORT": gateway_port, "DATONG_HOST": host}
    changes = {name: str(value) for name, value in given.items() if value}
    if not detached:
        launch.become(place, changes, as_json=as_json)
    told = launch.detach(place, changes, wait)
    from datong.config.node.status import status

    now = status(place)
    lines = [f"ready after {told['seconds']} s", f"pages    {now['pages']}", f"gateway  {now['gateway']}"]
    if told["administrator"]:
        made = told["administrator"]
        lines += [f"first administrator: {made['account']}", f"password (shown this once): {made['password']}"]
    output.give({**told, "pages": now["pages"], "gateway": now["gateway"]}, as_json=as_json, text="\n".join(lines))


@app.command()
def down(
    folder: Folder = None,
    wait: Annotated[float, typer.Option("--wait", help="Seconds it may take.")] = 60.0,
    *,
    as_json: AsJson = False,
) -> None:
    """Stop a running node; returns when it is down."""
    from datong.config.node import launch

    place = launch.at(folder)
    pid = launch.stop(place, wait)
    output.give({"node": str(place.path), "stopped": pid}, as_json=as_json, text=f"{place.path} is down")


@app.command("status")
def show(folder: Folder = None, *, as_json: AsJson = False) -> None:
    """Show processes, memory, readiness and evidence; exit 3 when the node does not run, 1 when it is not ready."""
    from datong.config.node import launch
    from datong.config.node.status import status

    now = status(launch.at(folder))
    if as_json:
        output.give(now, as_json=True)
    else:
        verdict = "ready" if now["ready"] else "not ready" if now["running"] else "not running"
        rows = [[one[key] for key in ("name", "pid", "port", "ready", "restarts", "memory_mib")] for one in now["processes"]]
        output.table(f"{now['name']} ({now['code']}): {verdict}", ["process", "pid", "port", "ready", "restarts", "MiB"], rows)
        logs = ", ".join(f"{name} {size}" for name, size in now["evidence"].items()) or "none"
        text = f"pages {now['pages']}  gateway {now['gateway']}\nmemory {now['memory_mib']} MiB  evidence {logs}"
        output.give(now, as_json=False, text=text)
    raise typer.Exit(0 if now["ready"] else output.NO if now["running"] else output.ABSENT)


@app.command()
def doctor(folder: Folder = None, *, as_json: AsJson = False) -> None:
    """Look a node over: what is wrong, and how to mend it; exit 1 when something is."""
    from datong.config.node import launch
    from datong.config.node.doctor import examine

    findings = examine(launch.at(folder))
    ok = all(one["state"] != "fault" for one in findings)
    if as_json:
        output.give({"ok": ok, "checks": findings}, as_json=True)
    else:
        rows = [(one["check"], one["state"], one["found"], one["remedy"]) for one in findings]
        output.table("doctor", ["check", "state", "found", "remedy"], rows)
    raise typer.Exit(0 if ok else output.NO)
