"""When Python looks for garbage: seldom, and never among what the program itself is made of.

Acts, rows and answers are in no circles, so that looking among them finds nothing; left as it is,
it took a sixth of the time of a commit, and as much of a situation's.
"""

import gc

YOUNG = 20_000
"""Objects made, less those that went, before Python looks among the new ones (its own: 700).

Some megabytes at most, if all of them were in circles."""


def seldom() -> None:
    """Set a process aside for its work; call it once, when the program is loaded and ready."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
