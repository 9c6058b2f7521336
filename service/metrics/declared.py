"""Every metric of a house, in one table; docs/operations.md is made from it.

Rules for editors: a label's values are known beforehand, and few; nothing of a story, no id, no
path as it was sent.
"""

from typing import NamedTuple


class Declared(NamedTuple):
    """A metric: what it is called, its sort, its labels and what it means."""

    name: str
    sort: str
    labels: tuple[str, ...]
    says: str


REQUESTS = Declared(
    "onrecord_http_requests_total", "counter", ("operation", "method", "status", "kept"),
    "Requests answered, by route template, method, class of status (2xx), and whether a kept answer"
    " was looked for and found: hit, miss, none.",
)  # fmt: skip
SECONDS = Declared(
    "onrecord_http_request_seconds", "histogram", ("operation", "method"),
    "How long requests took, from their headers read to their answer ready to be sent; with an"
    " answer that is made while it is sent, to its end.",
)  # fmt: skip
PROBLEMS = Declared(
    "onrecord_problems_total", "counter", ("type",),
    "Problems answered to requests and to lines of NDJSON, by type.",
)  # fmt: skip
ACTS = Declared("onrecord_acts_total", "counter", (), "Acts stored and acknowledged.")
BATCH = Declared(
    "onrecord_commit_decisions", "histogram", (), "Decisions that shared a commit, refused or not."
)
COMMIT = Declared(
    "onrecord_commit_seconds", "histogram", (),
    "How long commits took: waiting for the append lock, deciding, writing.",
)  # fmt: skip
FAILED = Declared(
    "onrecord_store_errors_total", "counter", ("error",),
    "Commits that failed as a whole, by the class of the error; nobody was answered 'stored'.",
)  # fmt: skip
QUEUED = Declared(
    "onrecord_queue_length", "gauge", (), "Decisions waiting to be written, in all processes."
)
FULL = Declared(
    "onrecord_queue_full_total", "counter", (), "Decisions turned away because the queue was full."
)
POSITION = Declared(
    "onrecord_record_position", "gauge", (), "The record's last position; absent if unreadable."
)
READABLE = Declared(
    "onrecord_record_readable", "gauge", (), "1 if the record could be read just now, else 0."
)
LAG_ACTS = Declared(
    "onrecord_follower_lag_acts", "gauge", ("follower",), "Acts that a follower is behind."
)
LAG_SECONDS = Declared(
    "onrecord_follower_lag_seconds", "gauge", ("follower",),
    "The age of the first act that a follower has not done.",
)  # fmt: skip
BUILD = Declared(
    "onrecord_build_info", "gauge", ("version", "python", "store"), "Always 1; what is running."
)
WORKERS = Declared("onrecord_workers", "gauge", (), "Processes that serve now.")
CPU = Declared(
    "process_cpu_seconds_total", "counter", (),
    "Processor time of all processes, also of those that ended.",
)  # fmt: skip
MEMORY = Declared(
    "process_resident_memory_bytes", "gauge", (),
    "Memory of all processes; what they share counts for each.",
)  # fmt: skip
FILES = Declared("process_open_fds", "gauge", (), "Open files of the process that has most.")
MOST_FILES = Declared("process_max_fds", "gauge", (), "Files that a process may have open.")
BEGUN = Declared(
    "process_start_time_seconds", "gauge", (), "When the oldest process began, since 1970 UTC."
)

DECLARED = (
    REQUESTS, SECONDS, PROBLEMS, ACTS, BATCH, COMMIT, FAILED, QUEUED, FULL,
    POSITION, READABLE, LAG_ACTS, LAG_SECONDS, BUILD, WORKERS, CPU, MEMORY, FILES,
    MOST_FILES, BEGUN,
)  # fmt: skip
"""Every metric of a house."""
