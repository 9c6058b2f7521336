"""What readings are answered from: rows written in the act's own transaction, one file each.

``TABLES`` is every table of the read model; ``rebuild`` empties them and writes them again.
"""

from service.readmodel import assignments, cast, chronicle, marks, slots, stories, versions

TABLES = (
    *stories.TABLES,
    *chronicle.TABLES,
    *cast.TABLES,
    *versions.TABLES,
    *slots.TABLES,
    *assignments.TABLES,
    *marks.TABLES,
)
