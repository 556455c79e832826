import os
import pty
import sys

import pytest

from proprionet import progress


def track(count, *, total=None, quiet=False):
    return list(progress.track(iter(range(count)), total=total, about="letters", quiet=quiet))


def test_items_come_through_in_order(capsys):
    assert track(3) == [0, 1, 2]
    assert capsys.readouterr().err == ""  # a short step leaves no line in a log


def test_a_log_gets_a_line_now_and_then(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LINE_EVERY_S", 0)
    track(2, total=2)
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("letters: 1 of 2, ")
    assert first.endswith(" s left")
    assert second == "letters: 2 of 2, 0 s left"


def test_the_estimate_follows_the_pace_so_far(capsys, monkeypatch):
    clock = iter([0.0, 20.0, 40.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    track(2, total=10)
    assert capsys.readouterr().err == "letters: 1 of 10, 180 s left\nletters: 2 of 10, 160 s left\n"


def test_without_a_total_only_the_count_is_shown(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LINE_EVERY_S", 0)
    track(1)
    assert capsys.readouterr().err == "letters: 1\n"


def test_the_total_is_known_where_the_items_can_be_counted(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LINE_EVERY_S", 0)
    assert list(progress.track(["a"], total=None, about="letters", quiet=False)) == ["a"]
    assert capsys.readouterr().err.startswith("letters: 1 of 1")


def test_quiet_is_silent(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LINE_EVERY_S", 0)
    assert track(3, total=3, quiet=True) == [0, 1, 2]
    assert capsys.readouterr().err == ""


def test_an_error_of_the_work_passes_through():
    def work():
        yield 1
        raise RuntimeError("work")

    with pytest.raises(RuntimeError, match="work"):
        list(progress.track(work(), total=2, about="letters", quiet=False))


def test_a_terminal_gets_a_bar(monkeypatch):
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        assert track(3, total=3) == [0, 1, 2]
        terminal.write("THE END")
        terminal.flush()
        shown = b""
        while b"THE END" not in shown:
            shown += os.read(ours, 1 << 16)
    os.close(ours)
    assert b"letters" in shown
    assert b"3/3" in shown
