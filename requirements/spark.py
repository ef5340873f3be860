# SPDX-License-Identifier: Apache-2.0
"""Run something against Apache Spark itself: `python requirements/spark.py benchmarks/.envs/spark pytest tests/engine`.

Kept here: Java 17 or newer is looked for and never installed; `--java` alone prints where it is, or says that there is none
and leaves with 3. A Spark Connect server is started on a free port of this machine, told to what runs in
DATONG_TEST_SPARK, and ends with it. Runs on the standard library.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OLDEST = 17
NONE_HERE = 3
SECONDS = 180
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
PLACES = ("usr/lib/jvm/*", "opt/java/*", "opt/jdk*", "Library/Java/JavaVirtualMachines/*/Contents/Home")


def java() -> str | None:
    """Home of a Java that Spark 4 runs on: JAVA_HOME, that of the `java` on the path, then where systems put them."""
    found = shutil.which("java")
    homes = [os.environ.get("JAVA_HOME", ""), str(Path(found).resolve().parent.parent) if found else ""]
    homes += sorted(str(home) for place in PLACES for home in Path("/").glob(place))
    return next((home for home in homes if home and _release(home) >= OLDEST), None)


def _release(home: str) -> int:
    """The number of a Java; 0 where there is none."""
    try:
        said = subprocess.run([Path(home) / "bin/java", "-version"], check=False, capture_output=True, text=True, timeout=60)
    except OSError:
        return 0
    number = re.search(r'version "(\d+)', said.stderr)
    return int(number[1]) if number else 0


def run(environment: Path, command: list[str], home: str) -> int:
    """Start a server, run a command beside it; gives the status of the command."""
    installed = next(environment.glob("lib/python*/site-packages/pyspark")).resolve()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1", "spark.connect.grpc.binding.port": port, "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": 2,
    }  # fmt: skip
    told = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
    here = ["--master", "local[2]", "--driver-memory", "1g"]
    start = [installed / "bin/spark-submit", *here, *told, "--class", SERVER, "spark-internal"]
    env = os.environ | {"JAVA_HOME": home, "SPARK_HOME": str(installed), "SPARK_LOCAL_IP": "127.0.0.1"}
    with tempfile.TemporaryDirectory(prefix="datong-spark-") as folder, (Path(folder) / "log").open("w") as log:
        server = subprocess.Popen(start, cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            _await(server, port, Path(folder) / "log")
            print(f"Apache Spark answers at sc://127.0.0.1:{port}, on the Java of {home}", flush=True)
            told_where = os.environ | {"DATONG_TEST_SPARK": f"sc://127.0.0.1:{port}"}
            return subprocess.run(command, check=False, env=told_where).returncode
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(60)


def _await(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the server listens; leave with the end of its log where it does not."""
    end = time.monotonic() + SECONDS
    while server.poll() is None and time.monotonic() < end:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    sys.exit(f"Apache Spark did not start:\n{log.read_text('utf-8', 'replace')[-4000:]}")


def main() -> None:
    """Read the arguments and run."""
    home = java()
    if home is None:
        print(f"No Java {OLDEST} or newer here: install one (openjdk-17-jre-headless), or set JAVA_HOME.", file=sys.stderr)
        sys.exit(NONE_HERE)
    if sys.argv[1:] == ["--java"]:
        print(home)
        return
    sys.exit(run(Path(sys.argv[1]), sys.argv[2:], home))


if __name__ == "__main__":
    main()
