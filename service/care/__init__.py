"""What keeps a record sound: proving it, making its read model anew, copying it.

Operators run these from the command line (``service/cli/care.py``); none of them changes an act.
"""

from service.care.check import Check
from service.care.copies import backup, restore
from service.care.faults import Fault
from service.care.rebuild import left, rebuild

__all__ = ["Check", "Fault", "backup", "left", "rebuild", "restore"]
