"""Train again and again in children that are killed at random moments, then once to the end.

    python zygote.py KILLS SEED OUT ARGUMENT...

What takes long to import is imported once, before the children are forked; each of them is a process of its own that
runs the stage from its start, and SIGKILL ends it a moment after it saved its state once more, or before it ever did.
Says how many were killed; no more are once one came to its end.
"""

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import stages

from proprionet import networks

SAVES = 8  # between two kills, at most
MOMENT_S = 0.2


def train(arguments: list[str]) -> int:
    """Train in a child; returns its process id."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            result = stages.run("nn-training/train.py", *arguments)
            sys.stderr.write(result.output)
            status = result.exit_code
        finally:
            sys.stderr.flush()
            os._exit(status)
    return child


def saved(checkpoint: Path) -> int:
    """When the state was saved last, 0 if never."""
    try:
        return checkpoint.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def kill(child: int, checkpoint: Path, saves: int, moment_s: float) -> bool:
    """Kill a child a moment after it saved so many times; False if it ended before that."""
    last = saved(checkpoint)
    while saves:
        if os.waitpid(child, os.WNOHANG)[0]:
            return False
        if (now := saved(checkpoint)) != last:
            saves, last = saves - 1, now
        time.sleep(0.001)
    time.sleep(moment_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def main(kills: int, seed: int, out: Path, arguments: list[str]) -> None:
    """Kill so many children, then let one come to its end."""
    networks.prepare(1)
    arguments, checkpoint = [*arguments, "--out", str(out)], out.with_name(f"{out.name}.parts") / "checkpoint.h5"
    random, killed = np.random.default_rng(seed), 0
    while killed < kills and kill(train(arguments), checkpoint, random.integers(SAVES), random.uniform(0, MOMENT_S)):
        killed += 1
    _, status = os.waitpid(train(arguments), 0)
    sys.stdout.write(f"{killed}\n")
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
