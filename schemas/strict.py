"""The base of every shape: strict on the way in, and quick where nothing is wrong.

marshmallow's own loading costs four times what the checks cost, because it prepares to collect
every error. ``Strict.load`` first goes straight through the fields; only when something is
wrong does marshmallow's loading run, and collect all that is wrong. Both say the same
(``tests/schemas/test_strict.py`` compares them).

Rules for editors: a rule about several fields goes into ``check``; hooks of marshmallow
(``pre_load``, ``post_load``, ``validates``) are not run on the quick way, so they are refused
when the class is made.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, missing, validates_schema
from marshmallow.fields import Field

from schemas.fields import Check, check_of

_SAYS: dict[str, str] = {"unknown": "Unknown field.", "type": "Must be an object."}
_HOOKS = ("pre_load", "post_load", "validates")


class Strict(Schema):
    """A shape in. Unknown fields are refused; loading returns the values as they were sent."""

    class Meta:
        """marshmallow's options."""

        unknown = RAISE

    error_messages = _SAYS

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._doors: dict[str, tuple[str, Check | None, Field[Any]]] = {}
        self._required: set[str] = set()
        self._defaults: list[tuple[str, Any]] = []
        for name, field in self.load_fields.items():
            self._doors[field.data_key or name] = (name, check_of(field), field)
            if field.required:
                self._required.add(name)
            elif field.load_default is not missing:
                self._defaults.append((name, field.load_default))

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for member in vars(cls).values():
            for hook in _HOOKS:
                if hook in (getattr(member, "__marshmallow_hook__", None) or {}):
                    raise TypeError(f"{cls.__name__}: {hook} is not run here; use check")

    def check(self, loaded: dict[str, Any]) -> None:
        """Raise ValidationError where fields that are right one by one do not go together."""

    @validates_schema
    def _check_together(self, data: dict[str, Any], **_: Any) -> None:
        self.check(data)

    def load(
        self,
        data: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        many: bool | None = None,
        partial: Any = None,
        unknown: Any = None,
    ) -> Any:
        """Return ``data`` checked, or raise ValidationError naming all that is wrong."""
        if type(data) is dict and not many and partial is None:
            try:
                return self._load_quickly(data)
            except ValidationError:
                pass
        return super().load(data, many=many, partial=partial, unknown=unknown)

    def _load_quickly(self, data: dict[str, Any]) -> dict[str, Any]:
        doors = self._doors
        loaded = {}
        for key, value in data.items():
            door = doors.get(key)
            if door is None:
                raise ValidationError("unknown")
            name, check, field = door
            if check is None or value is None:
                loaded[name] = field.deserialize(value, key, data)
            elif check(value) is None:
                loaded[name] = value
            else:
                raise ValidationError("wrong")
        if not self._required <= loaded.keys():
            raise ValidationError("required")
        for name, default in self._defaults:
            if name not in loaded:
                loaded[name] = default
        self.check(loaded)
        return loaded


class Answer(Schema):
    """A shape out: it documents what is read, and the tests hold the bytes against it."""

    class Meta:
        """marshmallow's options."""

        unknown = RAISE
