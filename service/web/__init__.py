"""Pages for people: server-rendered, without a script; a page is a function of its address.

    pages.py        the routes; the one thing the composition root asks for
    address.py      moments asked for, and the addresses of every page and reading
    answers.py      conditional and cacheable answers, and what a browser may do with a page
    drawing.py      templates, with the filters that they share
    story.py  development.py  corrections.py
                    what each page shows, as plain values
    moments.py words.py changes.py markdown.py
                    times, vocabulary, was/is and prose, as a reader sees them

Rules for editors: nothing here decides what holds (``service.asof`` and the domain do); nothing
depends on a clock, a cookie or a header. Text of a newsroom reaches a page through autoescaping
or through ``markdown.py``, and no other way.
"""
