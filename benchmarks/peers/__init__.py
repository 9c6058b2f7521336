"""Others who keep history, given the same stream of developments: ``python -m benchmarks.peers``.

Each stores the same content durably, and is asked for the state of a story as of a moment of the
record in the way that its own documentation shows. Every answer is compared with the plain fold
over the acts, by digest. They have dependencies of their own (``requirements/peers.txt``).
"""
