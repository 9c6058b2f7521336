"""What a request's environment (PEP 3333) says of it, for who stands around the application.

Rules for editors: a name here, and nothing else; whoever writes one says what it means.
"""

OPERATION = "onrecord.operation"
"""The template of the route that answers it."""

READER = "onrecord.reader"
"""Who asks (``auth.Reader``)."""

REQUEST_ID = "onrecord.request_id"
"""Its id, as the answer's header and each line of the log have it."""

PROBLEM = "onrecord.problem"
"""The type of problem that it was answered with."""

POSITION = "onrecord.position"
"""The record's position that it wrote; the last of many."""

STREAMED = "onrecord.streamed"
"""Its answer is made while it is sent."""

STAND = "onrecord.stand"
"""What its answer will rest on; there when a kept answer was looked for and not found."""

RECALLED = "onrecord.recalled"
"""It was answered from what is kept."""
