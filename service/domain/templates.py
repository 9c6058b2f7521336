"""What a kind is, and how its slot templates are written.

    posture:{by}=attacking                   one slot for each actor of that role
    posture:{by|with}=ceasefire              for the actors of either role
    alert:{by}=raised|maximum                the detail chooses the value, the first by default
    threat:{t}:state=carried_out where it names one    no slot when nothing is named
    engaged:{by}                             without `=`, the slot's family knows the value

Rules for editors: this is the grammar of kinds.toml, which is stored for ever; reading.py says
what each placeholder stands for, slots.py what is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

BANDS = ("violence", "coercion", "friction", "talks", "cooperation")
"""The five bands of intensity, from the most violent."""

_BAND_ENDS = ((-8.0, "violence"), (-4.5, "coercion"), (0.0, "friction"))


def band_of(intensity: float) -> str | None:
    """Return the band of an intensity; None for 0, which is neither conflict nor cooperation.

    Up to -8 violence, up to -4.5 coercion (the two halves of PLOVER's material conflict), below
    0 friction (verbal conflict), below 6 talks (verbal cooperation), else cooperation.
    """
    if intensity == 0:
        return None
    for end, band in _BAND_ENDS:
        if intensity <= end:
            return band
    return "talks" if intensity < 6 else "cooperation"


@dataclass(frozen=True, slots=True)
class Template:
    """One slot template: the address with its placeholders, and the values it may write.

    `family` is the part before the first colon; `form` adds the last part where that is a word
    (`threat:terms`). `values` is empty where the form knows the value. `optional` marks a slot
    that is written only where the development names something.

    `pattern` is the address with `%s` for each placeholder, and `order` which of the names stand
    there, None for all in their order. `constant` is the value where there is but one.
    """

    text: str
    slot: str
    family: str
    form: str
    names: tuple[str, ...]
    values: tuple[str, ...]
    optional: bool
    pattern: str
    order: tuple[int, ...] | None
    constant: str | None


_PLACEHOLDER = re.compile(r"\{([^}]+)\}")
_OPTIONAL = " where it names one"


def parse_template(text: str) -> Template:
    """Read a template as it is written in kinds.toml."""
    optional = text.endswith(_OPTIONAL)
    slot, _, value = text.removesuffix(_OPTIONAL).partition("=")
    family, last = slot.partition(":")[0], slot.rpartition(":")[2]
    names = tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))
    order = tuple(names.index(name) for name in _PLACEHOLDER.findall(slot))
    chosen = family in ("alert", "measure") or value.startswith("{")
    return Template(
        text=text,
        slot=slot,
        family=family,
        form=family if last.startswith("{") else f"{family}:{last}",
        names=names,
        values=tuple(value.split("|")) if value else (),
        optional=optional,
        pattern=_PLACEHOLDER.sub("%s", slot),
        order=None if order == tuple(range(len(names))) else order,
        constant=None if chosen else value or None,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """A kind of development, as kinds.toml describes it. `intensity` is from -10 to 10.

    `templates` are its `assigns`, read, and `counts` tells whether they count casualties; `details`
    names the parts of `details` that it takes; `party` is the role that the party of a control is
    taken from, empty where it must be named.
    """

    name: str
    label: str
    group: str
    plover: str
    cameo: str
    acled: str
    intensity: float
    templates: tuple[Template, ...]
    details: tuple[str, ...]
    party: str
    opens: bool
    aliases: tuple[str, ...]
    counts: bool = field(init=False)

    def __post_init__(self) -> None:
        counts = any(template.family == "casualties" for template in self.templates)
        object.__setattr__(self, "counts", counts)

    @property
    def placeholders(self) -> frozenset[str]:
        """Return what its templates leave to be filled."""
        return frozenset(name for template in self.templates for name in template.names)

    @property
    def assigns(self) -> tuple[str, ...]:
        """Return the slot templates as they are written."""
        return tuple(template.text for template in self.templates)
