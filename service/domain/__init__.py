"""The domain: what was recorded and what it means; standard library only, no clock and no I/O."""
