"""The append-only store: acts over ``eventsourcing``'s recorders, and the house record."""
