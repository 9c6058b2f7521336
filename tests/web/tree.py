"""A page as a tree, read by the standard library's parser: what a browser would make of it.

The parser here is strict where a browser is lenient: an element that is not closed, or closed
out of turn, is an error of the template.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
BLOCKS = {
    "p",
    "li",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "dt",
    "dd",
    "summary",
    "title",
    "section",
    "blockquote",
}


@dataclass
class Node:
    """An element: its tag, its attributes, and what stands in it."""

    tag: str
    attributes: dict[str, str]
    inside: list["Node | str"] = field(default_factory=list)

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.inside:
            if isinstance(child, Node):
                yield from child.walk()

    def all(self, tag: str = "", **wanted: str) -> list["Node"]:
        """The elements below, by tag and attributes; `class_` asks for one class."""
        return [node for node in self.walk() if node.fits(tag, wanted)]

    def one(self, tag: str = "", **wanted: str) -> "Node":
        found = self.all(tag, **wanted)
        assert len(found) == 1, f"{len(found)} of {tag} {wanted}"
        return found[0]

    def fits(self, tag: str, wanted: dict[str, str]) -> bool:
        for name, value in wanted.items():
            given = self.attributes.get(name.rstrip("_"))
            if given is None or (
                value not in given.split() if name == "class_" else given != value
            ):
                return False
        return tag in ("", self.tag)

    @property
    def text(self) -> str:
        """Its words, one space between them."""
        return " ".join("".join(self._text()).split())

    def _text(self) -> Iterator[str]:
        for child in self.inside:
            if isinstance(child, str):
                yield child
                continue
            around = " " if child.tag in BLOCKS else ""
            yield around
            yield from child._text()
            yield around

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> says an attribute twice: {names}"
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def parse(html: str) -> Node:
    """Return the page's tree. Fails on elements that are not closed in turn."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    assert parser.open == [parser.root], f"not closed: {[node.tag for node in parser.open[1:]]}"
    return parser.root
