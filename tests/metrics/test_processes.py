"""Two workers of a real gunicorn: each is asked, and tells what both did."""

import fcntl
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.metrics import together
from service.metrics.together import PREFIX
from service.settings import Settings
from tests.houses import MEMORY
from tests.running import START, Serving, eventually, free_port, given, opened, running

DEVELOPMENTS = "/v1/stories/{story}/developments"


def total(serving: Serving, name: str, *labels: str) -> float:
    """The sum of a metric's samples whose labels have all these."""
    return sum(
        value
        for (found, said), value in serving.metrics().items()
        if found == name and all(label in said for label in labels)
    )


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    """A house with a story, served by two workers with metrics; these tests share it."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as directory:
        settings = Settings(database_url=f"sqlite:///{directory}/house.db")
        token = opened(settings)
        with running(settings, Path(directory), metrics=True) as serving:
            serving.token = token
            eventually(lambda: total(serving, "onrecord_workers") == 2)
            yield serving


def crowd(serving: Serving, desks: int, each: int, name: str) -> None:
    """Many desks that report at once."""
    statuses: list[int] = []

    def work(desk: int) -> None:
        for number in range(each):
            statuses.append(serving.reports(f"{name}-{desk}-{number}"))

    threads = [threading.Thread(target=work, args=(desk,)) for desk in range(desks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * (desks * each)


def counted(serving: Serving) -> tuple[float, ...]:
    """Reports as four metrics count them, and the acts of the record."""
    reported = (f'operation="{DEVELOPMENTS}"', 'method="POST"')
    return (
        total(serving, "onrecord_http_requests_total", *reported, 'status="2xx"'),
        total(
            serving,
            "onrecord_http_request_seconds_count",
            *reported,
        ),
        total(serving, "onrecord_acts_total"),
        total(serving, "onrecord_commit_decisions_sum"),
        total(serving, "onrecord_record_position") - 1,
    )


def test_each_worker_tells_the_sum_and_a_killed_ones_counts_stay(serving: Serving) -> None:
    assert counted(serving) == (0, 0, 0, 0, 0)
    crowd(serving, 8, 5, "first")
    # whoever is asked
    assert {counted(serving) for _ in range(6)} == {(40, 40, 40, 40, 40)}

    # each of the two is killed in turn: what it counted stays
    for worker in serving.workers():
        os.kill(worker, signal.SIGKILL)
        eventually(lambda: worker not in serving.workers())  # noqa: B023
        eventually(lambda: total(serving, "onrecord_workers") == 2)
        assert counted(serving) == (40, 40, 40, 40, 40)

    crowd(serving, 2, 5, "second")
    assert counted(serving) == (50, 50, 50, 50, 50)


def test_a_reload_keeps_the_counts(serving: Serving) -> None:
    before, workers = counted(serving), serving.workers()
    serving.process.send_signal(signal.SIGHUP)
    eventually(lambda: not {*workers} & {*serving.workers()} and serving.is_up(), 40)
    eventually(lambda: total(serving, "onrecord_workers") == 2)
    assert counted(serving) == before


def test_what_waited_in_a_killed_worker_waits_no_more(serving: Serving) -> None:
    acts = total(serving, "onrecord_acts_total")
    # given reports that wait for a record that another program keeps locked
    other = sqlite3.connect(serving.settings.database_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    desks = [threading.Thread(target=serving.reports, args=(f"r{n}",)) for n in range(8)]
    for desk in desks:
        desk.start()
    eventually(lambda: total(serving, "onrecord_queue_length") >= 1)

    # when the workers are killed
    for worker in serving.workers():
        os.kill(worker, signal.SIGKILL)
    for desk in desks:
        desk.join()
    other.execute("ROLLBACK")
    other.close()

    # then nobody waits, and the new ones count on
    eventually(lambda: total(serving, "onrecord_workers") == 2)
    assert total(serving, "onrecord_queue_length") == 0
    assert serving.reports("after") == 201
    assert total(serving, "onrecord_acts_total") == acts + 1


def test_metrics_are_not_where_readers_are(serving: Serving) -> None:
    assert serving.asks("GET", "/metrics")[0] == 404
    assert serving.asks("GET", "/v1", port=serving.metrics_port)[0] == 404
    assert serving.asks("POST", "/metrics", {}, port=serving.metrics_port)[0] == 405


def test_the_directory_goes_with_the_house(settings: Settings, directory: Path) -> None:
    opened(settings)
    with running(settings, directory, metrics=True, workers=1) as serving:
        (made,) = {
            Path(variable.partition("=")[2])
            for variable in Path(f"/proc/{serving.workers()[0]}/environ").read_text().split("\0")
            if variable.startswith("TMPDIR=")
        } or {Path("/dev/shm")}
        files = [*made.glob("onrecord-metrics-*/gauge_livesum_*.db")]
        mine = [file for file in files if file.stem.endswith(f"_{serving.workers()[0]}")]
        assert len(mine) == 1
    assert not mine[0].parent.exists()


def made_by(serving: Serving) -> Path:
    """The directory that a house counts in."""
    below = MEMORY if MEMORY.is_dir() else Path(tempfile.gettempdir())
    (found,) = below.glob(f"{PREFIX}{serving.process.pid}-*")
    return found


def test_a_killed_house_s_directory_goes_with_the_next_start(
    settings: Settings, directory: Path
) -> None:
    # given a house that lives, and one that was killed
    opened(settings)
    with running(settings, directory, metrics=True, workers=1) as living:
        with running(settings, directory, metrics=True, workers=1) as killed:
            left = made_by(killed)
            killed.kill()
        assert [*left.iterdir()]

        # when another one starts, then only the dead one's directory is gone
        with running(settings, directory, metrics=True, workers=1):
            assert not left.exists()
            assert [*made_by(living).glob("*.db")]


def test_only_what_a_dead_house_of_ours_left_is_removed(directory: Path) -> None:
    # given directories of the dead, of the living, of nobody, and one that is still held
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    number = dead.pid
    names = [f"{number}-dead", f"{os.getpid()}-earlier", f"{os.getppid()}-lives", "its-own"]
    left, earlier, lives, others = (directory / f"{PREFIX}{name}" for name in names)
    held, linked = directory / f"{PREFIX}{number}-held", directory / f"{PREFIX}{number}-linked"
    for path in (left, earlier, lives, others, held):
        path.mkdir()
        (path / "counts.db").touch()
    linked.symlink_to(others)
    lock = os.open(held, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_SH)

    # when a house starts
    with together.directory(directory) as made:
        there = {*directory.iterdir()}

    # then what the dead left is gone
    os.close(lock)
    assert there == {lives, others, held, linked, made}
    assert made.name.startswith(f"{PREFIX}{os.getpid()}-")
    assert not made.exists()
    assert (others / "counts.db").exists()


GUNICORN = ["-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--no-control-socket"]


def test_under_another_configuration_workers_count_in_the_directory_that_is_named(
    settings: Settings, directory: Path
) -> None:
    # given what the page on operations says
    counts = directory / "counts"
    counts.mkdir()
    page = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
    conf = directory / "gunicorn.conf.py"
    conf.write_text(page.partition("# gunicorn.conf.py\n")[2].partition("```")[0])
    command = [*GUNICORN, "--config", str(conf), "--workers", "2", "--threads", "4"]
    token = opened(settings)

    with running(
        settings, directory, metrics=True, command=[*command, "service.wsgi:app"],
        PROMETHEUS_MULTIPROC_DIR=str(counts),
    ) as serving:  # fmt: skip
        serving.token = token
        crowd(serving, 8, 4, "first")
        assert total(serving, "onrecord_acts_total") == 32
        counted = next(counts.glob("gauge_livesum_*.db"))
        os.kill(int(counted.stem.rpartition("_")[2]), signal.SIGKILL)
        eventually(lambda: not counted.exists() and serving.is_up())
        assert total(serving, "onrecord_acts_total") == 32
        events = [line["event"] for line in serving.lines()]
    assert any("Booting worker" in event for event in events)


def test_several_workers_without_a_directory_refuse_and_say_why(
    settings: Settings, directory: Path
) -> None:
    opened(settings)
    command = [*GUNICORN, "--workers", "2", "service.wsgi:app"]
    with running(settings, directory, metrics=True, command=command, answers=500) as serving:
        log = serving.log.read_text(encoding="utf-8")
    assert "ONRECORD_METRICS_BIND needs PROMETHEUS_MULTIPROC_DIR" in log


def test_one_process_needs_no_directory(settings: Settings, directory: Path) -> None:
    token = opened(settings)
    flask = ["-m", "flask", "--app", "service.wsgi", "run", "--port", "{port}"]
    with running(settings, directory, metrics=True, command=flask) as serving:
        serving.token = token
        crowd(serving, 2, 2, "first")
        assert total(serving, "onrecord_acts_total") == 4
        assert total(serving, "onrecord_workers") == 1
        serving.process.send_signal(signal.SIGINT)
        serving.process.wait(20)


def test_an_address_that_is_taken_is_one_sentence(settings: Settings, directory: Path) -> None:
    def said(bind: str, port: int) -> str:
        done = subprocess.run(
            [sys.executable, "-c", START, "serve", "--port", str(port)],
            env=given(settings, ONRECORD_METRICS_BIND=bind),
            cwd=directory,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 1
        return done.stderr

    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        assert said(bind, port) == (
            f"Nobody can listen on {bind} (Address already in use)."
            " Name another one with ONRECORD_METRICS_BIND.\n"
        )
    assert "needs its own port" in said(f"0.0.0.0:{port}", port)
