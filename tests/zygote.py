"""Run a stage again and again in children that are killed at random moments, then once to the end.

    python zygote.py MODULE... < orders

What takes long to import is imported once, before the children are forked; each of them is a process, and a process
group, of its own that runs the stage from its start. SIGKILL ends it alone a moment after it saved one more piece of
its work or state, or before it ever did: then its workers must die too, and every file that it leaves must be whole.
An order is a line of JSON (:class:`Order`), and so is the answer: how many children were killed (no more are once one
came to its end), and what the last one said.
"""

import dataclasses
import importlib
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import stages

from proprionet import store

PATIENCE_S = 120


@dataclasses.dataclass(frozen=True)
class Order:
    """Make ``out`` by a stage whose children are killed ``kills`` times."""

    script: str
    out: str
    arguments: list[str]
    kills: int = 0
    saves: int = 8  # between two kills, one less at most
    moment_s: float = 0.2  # from a save to the kill, at most
    seed: int = 3


def run(order: Order, said: Path) -> int:
    """Run the stage in a child that writes to a file what it says; returns its process id."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setsid()
            result = stages.run(order.script, *order.arguments, "--out", order.out)
            said.write_text(result.output, encoding="utf-8")
            status = result.exit_code
        finally:
            os._exit(status)
    return child


def group(leader: int) -> list[int]:
    """Processes of a group that run or sleep, though perhaps nobody waits for them any more."""
    members = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _, its_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == leader and state not in "ZX":
            members.append(int(entry.name))
    return members


def saved(parts: Path) -> int:
    """When a piece or the state was saved last, 0 if never."""
    try:
        return max((path.stat().st_mtime_ns for path in parts.glob("*.h5")), default=0)
    except FileNotFoundError:  # the folder goes when all is done
        return 0


def kill(child: int, parts: Path, saves: int, moment_s: float) -> bool:
    """Kill a child a moment after it saved so many times; False if it ended before that."""
    last, deadline = saved(parts), time.monotonic() + PATIENCE_S
    while saves:
        if os.waitpid(child, os.WNOHANG)[0]:
            return False
        if (now := saved(parts)) != last:
            saves, last = saves - 1, now
        assert time.monotonic() < deadline, f"nothing was saved within {PATIENCE_S} s"
        time.sleep(0.001)
    time.sleep(moment_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while group(child):
        assert time.monotonic() < deadline, f"workers {group(child)} do not die"
        time.sleep(0.01)
    return True


def carry_out(order: Order, said: Path) -> int:
    """Kill so many children, then let one come to its end; how many were killed."""
    out, random, killed = Path(order.out), np.random.default_rng(order.seed), 0
    parts = out.with_name(f"{out.name}.parts")
    while killed < order.kills and kill(
        run(order, said), parts, random.integers(order.saves), random.uniform(0, order.moment_s)
    ):
        killed += 1
        for path in [*parts.glob("*.h5"), *out.parent.glob(out.name)]:
            with store.read(path, finite=True):
                pass
    _, status = os.waitpid(run(order, said), 0)
    assert status == 0, said.read_text(encoding="utf-8")
    return killed


def main(modules: list[str]) -> None:
    """Answer orders until there are no more."""
    for module in modules:
        importlib.import_module(module)
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        for line in sys.stdin:
            killed = carry_out(Order(**json.loads(line)), said)
            answer = {"killed": killed, "said": said.read_text(encoding="utf-8")}
            sys.stdout.write(f"{json.dumps(answer)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
