"""A progress bar with an estimate on a terminal, a line now and then in a log."""

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

Item = TypeVar("Item")

LINE_EVERY_S = 15.0


def track(items: Iterable[Item], *, total: int | None, about: str, quiet: bool) -> Iterator[Item]:
    """Yield ``items``, showing on standard error how far it is and how long it will still take."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    if quiet:
        yield from items
    elif sys.stderr.isatty():
        yield from _bar(items, total, about)
    else:
        yield from _lines(items, total, about)


def _bar(items: Iterable[Item], total: int | None, about: str) -> Iterator[Item]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        yield from progress.track(items, total=total, description=about)


def _lines(items: Iterable[Item], total: int | None, about: str) -> Iterator[Item]:
    started = last = time.monotonic()
    for count, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now - last >= LINE_EVERY_S:
            last = now
            left = f", {(total - count) * (now - started) / count:.0f} s left" if total else ""
            sys.stderr.write(f"{about}: {count}{f' of {total}' if total else ''}{left}\n")
