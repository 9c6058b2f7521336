"""gunicorn's settings for whatever is served here: each worker keeps to a processor, as ours do."""

from service.processors import post_fork, pre_fork

__all__ = ["post_fork", "pre_fork"]
