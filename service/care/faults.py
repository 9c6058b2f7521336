"""What ``check`` finds: a fault for each row that is not what the acts say, and what was left."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """Where something is wrong and what: ``story`` is empty where nobody can tell whose it is."""

    story: str
    table: str
    key: str
    says: str

    def __str__(self) -> str:
        return f"{self.story or 'the record'}: {self.table} ({self.key}): {self.says}"

    def document(self) -> dict[str, str]:
        """Return the fault for a program."""
        return asdict(self)
