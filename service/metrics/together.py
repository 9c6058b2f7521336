"""The directory that the processes of ``onrecord serve`` count in: made at its start, gone after.

It lies in memory, so what a house left that was killed must not stay. A directory has the number
of its house's first process in its name, and every process of the house holds a lock on it: the
lock goes with the last of them, however it ends, and is seen by containers that share the memory
and cannot see each other's processes.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "onrecord-metrics-"


@contextmanager
def directory(below: Path) -> Iterator[Path]:
    """Make the directory, and remove it at the end; first remove what dead houses left there.

    What forks within keeps the directory; it is removed by who made it.
    """
    for found in below.glob(f"{PREFIX}*"):
        _remove_if_left(found)
    owner = os.getpid()
    made = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{owner}-", dir=below))
    held = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(held, fcntl.LOCK_SH)
    try:
        yield made
    finally:
        os.close(held)
        if os.getpid() == owner:
            shutil.rmtree(made, ignore_errors=True)


def _remove_if_left(found: Path) -> None:
    """Remove a directory of ours whose house is dead; leave whatever else it may be."""
    number, has_more, _ = found.name.removeprefix(PREFIX).partition("-")
    if not (has_more and number.isascii() and number.isdigit()) or _lives(int(number)):
        return
    try:
        held = os.open(found, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        if _is_ours(held):
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(found, ignore_errors=True)
    except OSError:
        return  # It is held, by workers that outlive their parent, or by another container's.
    finally:
        os.close(held)


def _is_ours(held: int) -> bool:
    return os.fstat(held).st_uid == os.geteuid()


def _lives(process: int) -> bool:
    # Our own number is an earlier process's: in a container the first one is always the same.
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # Another user's.
    return True
