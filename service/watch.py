"""Who is told how the house does: requests, problems, the queue, commits.

``Watch`` does nothing; ``service/metrics.py`` counts. What is told holds no story, no id and no
word of anybody's, so that nothing of them can come out.

Rules for editors: a watch is told within a request or the append, so it waits for nothing and
raises nothing.
"""


class Watch:
    """Is told what happens and does nothing about it."""

    def answered(self, operation: str, method: str, status: str, kept: str, seconds: float) -> None:
        """Tell of a request: its route's template, and how long it took until it was answered.

        ``status`` is the status line or its first three digits; ``kept`` is ``hit`` where a kept
        answer was given again, ``miss`` where it was looked for, else ``none``.
        """

    def problem(self, slug: str) -> None:
        """Tell of a problem that was answered, to a request or to a line of many."""

    def queued(self, waiting: int) -> None:
        """Tell how many decisions wait in this process."""

    def turned_away(self, decisions: int) -> None:
        """Tell how many decisions found the queue full."""

    def committed(self, decisions: int, acts: int, seconds: float) -> None:
        """Tell of a commit: what was decided, what was stored, how long it took with its lock."""

    def failed(self, error: BaseException) -> None:
        """Tell of a commit that failed as a whole; nobody was answered that it was stored."""
