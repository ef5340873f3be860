# SPDX-License-Identifier: Apache-2.0
"""The demonstration from an empty folder to the last proof.

Kept here: a node of its own is made anew each time; only a folder that a demonstration made is ever cleared; the node
stops with the story unless it is to go on serving.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

from datong.config.demo import bulk, chapters, compiling, demanding, living, moving, proving, sharing
from datong.config.demo.chapters import Story
from datong.config.demo.telling import Step, Teller, sure
from datong.config.node import launch, state
from datong.config.node.create import Wishes, create
from datong.config.node.folder import NodeConfig, NodeFolder
from datong.kernel.errors import Refused

MARK = ".demo"
START = 120.0
STOP = 60.0
DATA = Path(__file__).resolve().parents[4] / "examples" / "data"


def run(folder: Path, *, serve: bool, as_json: bool, data: Path = DATA) -> bool:
    """Tell the story.

    Args:
        folder: the node's folder; made anew.
        serve: go on serving until interrupted.
        as_json: print one JSON object instead of telling.
        data: folder of the example data.

    Returns:
        Whether every step was truly so.
    """
    teller = Teller(as_json)
    with _stopping(NodeFolder(folder.resolve())) as place:
        told: list[Story] = []
        if teller.tell([Step("node", "建立并启动节点 a node is made and started", lambda: _node(place, data, told))]):
            story = told[0]
            told_in_order = (chapters, compiling, demanding, sharing, living, bulk, moving, proving)
            teller.tell([step for chapter in told_in_order for step in chapter.steps(story)])
            teller.close(story.control, story.accounts(), story.password)
        else:
            teller.close("", [], "")
        if serve and teller.ok:
            _wait()
    return teller.ok


def _wait() -> None:
    """Wait until interrupted or told to end; a signal that nobody handles would end this process and leave the node up."""
    told = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_about: told.set())
    told.wait()


@contextlib.contextmanager
def _stopping(place: NodeFolder) -> Iterator[NodeFolder]:
    """Stop the node at the end, whatever happens in between."""
    try:
        yield place
    finally:
        if state.supervisor(place) is not None:
            launch.stop(place, STOP)


def _node(place: NodeFolder, data: Path, told: list[Story]) -> str:
    sure(data.is_dir(), f"the example data are not in {data}")
    _clear(place)
    _, config = create(place.path, Wishes("330000", "浙江省", "provincial"))
    (place.path / MARK).touch()
    started = launch.detach(place, {"DATONG_WEBHOOK_NETWORKS": moving.HERE, "DATONG_CONNECTION_NETWORKS": moving.HERE}, START)
    made = started["administrator"]
    sure(made, "no first administrator was made")
    told.append(
        Story(
            control=_url(config, config.control_port),
            gateway=_url(config, config.gateway_port),
            node=config.code,
            folder=place.path,
            data=data,
            administrator=(made["account"], made["password"]),
        )
    )
    return f"{config.name}（{config.code}）在 {place.path}，{started['seconds']:.1f} 秒就绪"


def _clear(place: NodeFolder) -> None:
    """Clear what an earlier demonstration left.

    Raises:
        Refused: the folder holds something else.
    """
    if not place.path.exists() or not any(place.path.iterdir()):
        return
    if not (place.path / MARK).exists():
        raise Refused(f"{place.path} was not made by a demonstration", remedy="choose another folder with --dir")
    if state.supervisor(place) is not None:
        launch.stop(place, STOP)
    shutil.rmtree(place.path)


def _url(config: NodeConfig, port: int) -> str:
    return f"http://{config.host}:{port}"
