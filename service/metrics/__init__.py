"""What an operator's monitoring asks a house: metrics (Prometheus), on an address of their own.

``declared`` says what there is, ``counting`` counts as things happen, ``now`` looks when it is
asked, and ``page`` answers ``/metrics``.

With several processes each counts in files of its own below ``PROMETHEUS_MULTIPROC_DIR``, and each
answers for all: it adds up what the files say, those of processes that ended too. Every process
listens on the same address (``SO_REUSEPORT``), so there is an answer as long as one of them lives,
and no process that forks has a thread.

Rules for editors: ``prometheus_client`` looks for the directory when it is loaded. So it is not
loaded here, and the parts are only where metrics are asked for and the directory is made. What is
counted in a request costs each request: measure.
"""

import os
from pathlib import Path

from service.settings import Settings, SettingsError

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable that names the processes' common directory; the library's own."""


def ensure_together(settings: Settings) -> None:
    """Raise ``SettingsError`` where several processes would each tell their share as the whole."""
    if (
        settings.metrics_bind is not None
        and not Path(os.environ.get(DIRECTORY, "/dev/null")).is_dir()
    ):
        raise SettingsError(
            f"ONRECORD_METRICS_BIND needs {DIRECTORY} with a server of several processes: an empty"
            " directory of its own, made before each start. onrecord serve makes it by itself."
        )
