"""Where the stories that ship with Onrecord are, in a clone and in an installed wheel.

In a clone they are `seeds/*.jsonl` at the top; the wheel carries the same files inside the
package as `service/_seeds` (docs/decisions/0001-packages-in-the-wheel.md). Rule for editors:
nobody else works out where a seed is.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def directory() -> Path:
    """The directory that holds the story files: the wheel's own, else the clone's.

    Raises FileNotFoundError where neither is there, which means a broken installation.
    """
    for candidate in (_PACKAGE / "_seeds", _PACKAGE.parent / "seeds"):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"The stories that ship with Onrecord are missing beside {_PACKAGE}.")


def names() -> list[str]:
    """The names of all stories that ship with Onrecord, sorted: `tripoli-2019`, …"""
    return sorted(file.stem for file in directory().glob("*.jsonl"))


def path(name: str) -> Path:
    """The story file called `name` (without `.jsonl`), for reading.

    Raises KeyError with the names there are when no story is called that.
    """
    if name not in (known := names()):
        raise KeyError(f"No story {name!r} ships with Onrecord; there are: {', '.join(known)}.")
    return directory() / f"{name}.jsonl"
