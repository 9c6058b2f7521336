"""What holds in every test: loopback only, the same random cases each time, nothing skipped.

Warnings are errors (pyproject.toml). Rule for editors: only what concerns every test stands here;
builders and fixtures of one subject stand beside its tests.
"""

import os
import shutil
import socket
import sys
from collections.abc import Callable, Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

TEST_ALL = os.environ.get("ONRECORD_TEST_ALL") == "1"

# A newcomer's `make test` says the same each time; `make test-all` looks for new cases. The speed
# of the machine decides nothing.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=not TEST_ALL,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")

_HERE = {"", "localhost", "0.0.0.0", "::", "::1"}
_ASKED_AT = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1}
_NAMES_LOOKED_UP = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}


class BeyondLoopback(RuntimeError):
    """A test asked for a host other than this one."""


def _is_here(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    return host is None or (isinstance(host, str) and (host in _HERE or host.startswith("127.")))


def _loopback_only(event: str, arguments: tuple[Any, ...]) -> None:
    """Stop this process at the door; a program that a test starts answers for itself."""
    if event in _NAMES_LOOKED_UP:
        host = arguments[0]
    elif event in _ASKED_AT:
        address = arguments[_ASKED_AT[event]]
        if arguments[0].family not in (socket.AF_INET, socket.AF_INET6) or address is None:
            return
        host = address[0]
    else:
        return
    if not _is_here(host):
        raise BeyondLoopback(
            f"{event}: no test reaches beyond this machine, and {host!r} is not it"
        )


sys.addaudithook(_loopback_only)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under `make test-all`, what a test needs and does not find is a failure, not a skip."""
    report = yield
    if TEST_ALL and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Nothing is skipped under make test-all. {reason}"
    return report


@pytest.fixture
def system_program() -> Callable[[str, str], str]:
    """`system_program("chromium", "chromium")`: the path of a program from a Debian package."""

    def find(name: str, package: str) -> str:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"{name} is absent: sudo apt-get install {package}")
        return found

    return find
