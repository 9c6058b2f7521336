"""What a newsroom can do. Each function returns a decision that the recorder runs.

A decision loads what it is about from the ledger, lets the domain decide, adds the acts, and
answers. Who may do it at all was judged at the door (``api/auth``); whose story and whose
development it is, and on which version it is based, can only be judged here, under the lock.
"""

from service.decisions.developments import alike, report, revise, verify, warned, withdraw
from service.decisions.once import Receipt, Repeatable, once, receipt
from service.decisions.parts import NOW, Base, When, Written, said
from service.decisions.stories import (
    amend_story,
    close_story,
    mark,
    open_story,
    override_level,
    put_member,
    put_story,
    reopen_story,
    write_summary,
)

__all__ = [
    "NOW",
    "Base",
    "Receipt",
    "Repeatable",
    "When",
    "Written",
    "alike",
    "amend_story",
    "close_story",
    "mark",
    "once",
    "open_story",
    "override_level",
    "put_member",
    "put_story",
    "receipt",
    "reopen_story",
    "report",
    "revise",
    "said",
    "verify",
    "warned",
    "withdraw",
    "write_summary",
]
