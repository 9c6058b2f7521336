"""Measuring Onrecord: ratios against a baseline in the same run, never a timed test.

``python -m benchmarks`` (``make bench``) prints every row with its floor, its aim and what was
measured, and writes the table and the plot into ``docs/``. Machines are noisy: trust ratios, and
those above 1.3 only.
"""
