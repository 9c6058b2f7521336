"""Onrecord: developments reported once and never rewritten, the situation read as of any date.

Rule for editors: the version stands here and nowhere else (packaging, the API and the command
line read it from here), and nothing is imported, so that reading it costs nothing.
"""

__version__ = "0.1.0"
