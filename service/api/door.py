"""The HTTP door, put together: concerns first, then the nouns, then the check of policies.

Rules for editors: a noun's file is listed in ``NOUNS``; the order is the order of the API
description. Pages (``service/web``) are hung in by the composition root before ``close``.
"""

from collections.abc import Sequence

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service.api import (
    acts,
    auth,
    caching,
    cast,
    cors,
    developments,
    docs_page,
    export,
    health,
    index,
    jsonbody,
    kinds,
    marks,
    problem_pages,
    problems,
    situation,
    stories,
    timeline,
    trail,
    unread,
    watched,
)
from service.api.house import House, at, move_in
from service.api.nouns import Noun
from service.api.recall import Recall
from service.api.spec import CONVERTERS, Description
from service.api.watched import Watched

NOUNS: Sequence[Noun] = (
    index.noun,
    kinds.noun,
    stories.noun,
    cast.noun,
    developments.noun,
    acts.noun,
    marks.noun,
    situation.noun,
    timeline.noun,
    trail.noun,
    export.noun,
    health.noun,
)


def open_door(app: Flask, to: House, nouns: Sequence[Noun] = NOUNS) -> Description:
    """Hang every concern and every noun into ``app``; return the API with its description."""
    move_in(app, to)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's provider has it
    app.url_map.converters |= CONVERTERS
    # No view here is a coroutine, and Flask would look at each function for it on each request.
    app.ensure_sync = lambda func: func  # type: ignore[method-assign]
    app.url_map.strict_slashes = False
    app.wsgi_app = Recall(  # type: ignore[method-assign]
        app.wsgi_app, kept=lambda: at(app).kept, stand=lambda: at(app).stand()
    )
    hops = to.settings.trusted_proxies
    app.wsgi_app = Watched(  # type: ignore[method-assign]
        app.wsgi_app, to.watch, trusting=hops > 0, lines=to.settings.log_requests
    )
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    problems.register(app)
    unread.register(app)
    watched.register(app)
    auth.register(app, to.find_token)
    jsonbody.register(app, to.settings.max_body_bytes)
    caching.register(app)
    cors.register(app)
    api = Description(app, public_url=to.settings.public_url)
    app.register_blueprint(problem_pages.blueprint)
    app.register_blueprint(docs_page.blueprint(api))
    for noun in nouns:
        api.register_blueprint(noun)
    return api


def close(app: Flask) -> None:
    """Refuse to start with a route that does not say what it does."""
    auth.insist_on_policies(app)
