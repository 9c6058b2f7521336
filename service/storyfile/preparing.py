"""What follows from a line alone, worked out by the process that reads it.

A report's checks, its slots' values and its stored form with every digest need nothing of the
record. Whoever decides takes them as they are, as long as the line's fields are what becomes of
it: fields that the lines above or the record change are plain ones, and done anew.

Rules for editors: what is prepared here is made by the functions that would make it otherwise.
"""

from service.domain import checks, developments, kinds
from service.domain.prepared import Prepared
from service.domain.reading import Reading
from service.domain.slots import values_of
from service.store.envelope import sealed
from service.storyfile.reading import Report, Said


def prepared(said: Said) -> Said:
    """Return a loaded line with what can be prepared of it."""
    report = said.loaded
    if not isinstance(report, Report) or not checks.sound(report.fields):
        return said
    fields = developments.normal(report.fields)
    reading = Reading(kinds.kind_of(fields), fields, "")
    found = Prepared(
        fields,
        slots=None if reading.names_itself() else values_of(reading),
        shortfalls=kinds.shortfalls(fields),
        sealed=sealed(fields),
    )
    return said._replace(loaded=report._replace(fields=found))
