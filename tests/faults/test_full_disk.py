"""A disk that takes no more, under a served house on SQLite.

The disk is real and the limit is the process's own (RLIMIT_FSIZE): the kernel refuses the very
write that would make a file longer, as it does on a full disk, and needs no root to do so. It says
EFBIG there and not ENOSPC: the words for that one are tested with SQLite's own limit, and those of
PostgreSQL with its code for it (tests/recorder, tests/store).
"""

import json
import resource
from pathlib import Path

import pytest

from service.settings import Settings
from tests.faults.crowd import opened, posting, sound
from tests.houses import STORES, StoreKind
from tests.running import eventually, running

ROOM = 256 * 1024
"""Bytes until the disk is full."""


@pytest.fixture
def store_kind() -> StoreKind:
    """SQLite: PostgreSQL's disk is its server's."""
    return STORES["sqlite"]


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="prlimit(2) is Linux's")
def test_a_full_disk_stores_nothing_more_and_loses_nothing(
    settings: Settings, directory: Path
) -> None:
    token = opened(settings)

    def room(process: int, size: int) -> None:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    with running(settings, directory, ONRECORD_LOG_REQUESTS="none") as serving:
        serving.token = token
        files = [settings.database_path, Path(f"{settings.database_path}-wal")]
        size = max(file.stat().st_size for file in files if file.exists())
        for worker in serving.workers():
            room(worker, size + ROOM)
        with posting(serving) as crowd:
            # given a disk that fills: desks are told, and readers go on
            eventually(lambda: crowd.answers[503] > 20, 60)
            stood = len(crowd.acknowledged)
            assert serving.asks("GET", "/v1/stories/tripoli/situation")[0] == 200
            said = {"headline": "x", "occurred": "2019-04-04", "sources": [{"publisher": "R"}]}
            status, _, body = serving.asks("POST", "/v1/stories/tripoli/developments", said)
            assert status == 503
            assert "Nothing was stored" in json.loads(body)["detail"]
            # when there is room again, they go on where they were
            for worker in serving.workers():
                room(worker, resource.RLIM_INFINITY)
            eventually(lambda: crowd.has_posted(stood + 50), 60)
    sound(settings, crowd)
