"""The HTTP door: one file a noun, one file an HTTP concern.

Rules for editors: a resource is load → call → dump, about five lines a verb. It declares what
it does with ``Noun.verb`` (``nouns.py``), which gives it its policy, its shapes, its errors and
its page in the API description; a route that declares nothing stops the start. No rule of
the newsroom lives here: refusals come from below and are mapped once, in ``problems.py``.
"""
