"""The shapes that cross the door: what a client may send, and what it reads.

Rules for editors: a shape in is strict (``strict.Strict``: unknown fields are refused), every
field says what it means and gives an example, every size has a bound from ``bounds``. The
shapes know grammar only (a slug looks like a slug); whether a kind, an actor or a place exists
is for the domain to say. Loading never rewrites: what comes out is what was sent. Shapes out
are the contract that OpenAPI and the tests are made from; readings are sent as stored bytes.
"""
