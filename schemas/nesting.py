"""Fields that hold others: a part, a list of parts, free notes, and what may be either.

Rules for editors: each goes straight through what is right and leaves what is wrong to
marshmallow, which then names every fault by its path (``actors.0.role``).
"""

from collections.abc import Mapping
from typing import Any, Protocol

from marshmallow import Schema, ValidationError, missing
from marshmallow.fields import Field, List, Nested
from marshmallow.types import ErrorMessages

from schemas import bounds
from schemas.fields import SAYS, Leaf, Slug, Text, check_of

_OBJECT: ErrorMessages = {**SAYS, "type": "Must be an object."}
_LIST: ErrorMessages = {**SAYS, "invalid": "Must be a list."}


class Converter(Protocol):
    """What OpenAPI's maker offers a field that refers to shapes."""

    def field2property(self, field: Field[Any]) -> dict[str, Any]:
        """Return the JSON Schema of a field."""

    def resolve_nested_schema(self, schema: Schema) -> dict[str, Any]:
        """Return a reference to a shape."""


class Part(Nested):
    """An object inside an object."""

    default_error_messages = _OBJECT

    def __init__(self, shape: type[Schema], says: str, **options: Any) -> None:
        metadata = {"description": says, **options.pop("metadata", {})}
        super().__init__(shape, metadata=metadata, **options)

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return ``value`` loaded by the inner shape."""
        if type(value) is dict:
            return self.schema.load(value)
        return super().deserialize(value, attr, data, **kwargs)


class Items(List[Any]):
    """A list of ``least`` to ``most`` things; equal ones are refused when ``distinct``."""

    default_error_messages = _LIST

    def __init__(
        self,
        inner: Field[Any],
        says: str,
        *,
        most: int,
        least: int = 0,
        distinct: bool = False,
        **options: Any,
    ) -> None:
        metadata = {"description": says, **options.pop("metadata", {})}
        super().__init__(inner, metadata=metadata, **options)
        self.least = least
        self.most = most
        self.distinct = distinct

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return the list with each thing loaded, or raise naming the faulty ones."""
        if type(value) is not list:
            return super().deserialize(value, attr, data, **kwargs)
        if not self.least <= len(value) <= self.most:
            raise ValidationError(self._size())
        load, check = self.inner.deserialize, check_of(self.inner)
        try:
            if check is not None and not any(item is None or check(item) for item in value):
                loaded = [*value]
            else:
                loaded = [load(item) for item in value]
        except ValidationError:
            loaded = super().deserialize(value, attr, data, **kwargs)
        if self.distinct and len(loaded) > 1:
            _refuse_repeats(loaded)
        return loaded

    def _size(self) -> str:
        if self.least:
            return f"Must have {self.least} to {self.most} entries."
        return f"Must have at most {self.most} entries."

    def json_schema(self) -> dict[str, Any]:
        """Return the bounds; the converter adds the items."""
        schema: dict[str, Any] = {"type": "array", "minItems": self.least, "maxItems": self.most}
        return schema | ({"uniqueItems": True} if self.distinct else {})


def _refuse_repeats(loaded: list[Any]) -> None:
    seen: list[Any] = []
    for index, item in enumerate(loaded):
        if item in seen:
            raise ValidationError({index: ["Is listed twice."]})
        seen.append(item)


class SlugOr(Leaf):
    """A slug that the story knows, or an object that introduces one it does not."""

    def __init__(self, shape: type[Schema], says: str, **options: Any) -> None:
        super().__init__(says, **options)
        self._slug = Slug(says)
        self._shape = shape
        self._schema: Schema | None = None

    @property
    def schema(self) -> Schema:
        """The shape of the introducing object."""
        if self._schema is None:
            self._schema = self._shape()
        return self._schema

    def _wrong(self, value: Any) -> str | None:
        if type(value) is dict:
            self.schema.load(value)
            return None
        if type(value) is str:
            return self._slug.complaint(value)
        return "Must be a slug, or an object that introduces one."

    def _json(self) -> dict[str, Any]:
        return {}

    def convert(self, converter: Converter) -> dict[str, Any]:
        """Return the alternatives for OpenAPI."""
        return {"oneOf": [self._slug.json_schema(), converter.resolve_nested_schema(self.schema)]}


class Notes(Leaf):
    """Free notes: slug → text, number or truth value. ``null`` only where a patch removes."""

    def __init__(self, says: str, *, removable: bool = False, **options: Any) -> None:
        super().__init__(says, **options)
        self._slug = Slug("A note's name.")
        self._text = Text("A note's value.", most=bounds.VALUE, least=0)
        self._removable = removable

    def _wrong(self, value: Any) -> str | None:
        if type(value) is not dict:
            return "Must be an object of notes: name to value."
        if not 1 <= len(value) <= bounds.NOTES:
            return f"Must have 1 to {bounds.NOTES} notes."
        wrong = {
            name: [why] for name, noted in value.items() if (why := self._wrong_note(noted, name))
        }
        if wrong:
            raise ValidationError(wrong)
        return None

    def _wrong_note(self, noted: Any, name: str) -> str | None:
        if self._slug.complaint(name):
            return "The name must be a slug, as in water-level."
        if type(noted) is str:
            return self._text.complaint(noted)
        if type(noted) in (bool, int, float) or (noted is None and self._removable):
            return None
        return "Must be text, a number, true or false."

    def _json(self) -> dict[str, Any]:
        kinds = ["string", "number", "boolean", *(["null"] if self._removable else [])]
        return {
            "type": "object",
            "minProperties": 1,
            "maxProperties": bounds.NOTES,
            "propertyNames": self._slug.json_schema(),
            "additionalProperties": {"type": kinds, "maxLength": bounds.VALUE},
        }


class Figure(Leaf):
    """A count as reported: a whole number, or a range of low, best and high."""

    PARTS = ("low", "best", "high")

    def _wrong(self, value: Any) -> str | None:
        if type(value) is int:
            return None if 0 <= value <= bounds.FIGURE else self._bounds()
        if type(value) is not dict or not value:
            return "Must be a whole number, or an object of low, best and high."
        unknown = [name for name in value if name not in self.PARTS]
        if unknown:
            raise ValidationError({name: ["Unknown field."] for name in unknown})
        given = [value[part] for part in self.PARTS if value.get(part, missing) is not missing]
        if not all(type(count) is int and 0 <= count <= bounds.FIGURE for count in given):
            return self._bounds()
        if given != sorted(given):
            return "Must rise from low over best to high."
        return None

    @staticmethod
    def _bounds() -> str:
        return f"Must be whole numbers from 0 to {bounds.FIGURE}."

    def _json(self) -> dict[str, Any]:
        count = {"type": "integer", "minimum": 0, "maximum": bounds.FIGURE}
        parts = {
            "type": "object",
            "properties": dict.fromkeys(self.PARTS, count),
            "additionalProperties": False,
            "minProperties": 1,
        }
        return {"oneOf": [count, parts]}
