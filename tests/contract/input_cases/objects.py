"""Cases of ObjectVar and MultiObjectVar, over a class as an author may write it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.contract.input_cases.case import (
    NO_LIST,
    NOT_GIVEN,
    NULL_CHARACTERS,
    REQUIRED,
    InputCase,
    cases_of,
    only_python,
    only_the_pod,
)


@dataclass(frozen=True)
class Device:
    """A device of an inventory, which is found by its number."""

    id: int
    name: str
    site: str

    @classmethod
    def get(cls, key: object) -> Device | None:
        """Return the device, or None; a key that is no number is a ValueError."""
        return next((device for device in DEVICES if device.id == int(str(key))), None)

    @classmethod
    def filter(cls, *, name: str | None = None, site: str | None = None) -> Iterator[Device]:
        """Return the devices of that name and site."""
        for device in DEVICES:
            if name in (None, device.name) and site in (None, device.site):
                yield device


SPINE: Final = Device(1, "spine", "berlin")
LEAF: Final = Device(2, "leaf", "berlin")
DEVICES: Final = [SPINE, LEAF, Device(3, "leaf", "paris")]
_NO_CHOICE: Final = "Select a valid choice. That choice is not one of the available choices."
_device, _bad_device = cases_of("ObjectVar", model=Device)
_devices, _bad_devices = cases_of("MultiObjectVar", model=Device)


def _missing(key: object) -> str:
    return f"Select a valid choice. {key} is not one of the available choices."


CASES: Final[list[InputCase]] = [
    _device("typical", "an id", 1, SPINE),
    _device("typical", "an id as text", "2", LEAF),
    _device("typical", "a lookup that one object fits", {"name": "spine"}, SPINE),
    _device("edge", "lookups that one object fits", {"name": "leaf", "site": "berlin"}, LEAF),
    only_the_pod(_bad_device("wrong", "an id that nobody has", 9, _NO_CHOICE)),
    only_the_pod(_bad_device("wrong", "an id that is malformed", "x", _NO_CHOICE)),
    only_the_pod(_bad_device("wrong", "a lookup that nothing fits", {"name": "x"}, _NO_CHOICE)),
    only_the_pod(
        _bad_device(
            "wrong",
            "a lookup that several fit",
            {"name": "leaf"},
            "More than one object fits. Give more lookups, or the id of the object.",
        )
    ),
    only_the_pod(
        _bad_device(
            "wrong",
            "a lookup that the class does not know",
            {"rack": 1},
            "These lookups are not possible: Device.filter() got an unexpected keyword argument "
            "'rack'.",
        )
    ),
    only_the_pod(_bad_device("wrong", "zero is no empty id", 0, _NO_CHOICE)),
    _bad_device("wrong", "a list", [1], _NO_CHOICE),
    _bad_device("wrong", "a null character", "\x00", NULL_CHARACTERS),
    _bad_device("missing", "it must be given", NOT_GIVEN, REQUIRED),
    _bad_device("empty", "it may not be null", None, REQUIRED),
    _bad_device("empty", "it may not be empty text", "", REQUIRED),
    _bad_device("empty", "no lookups are no value", {}, REQUIRED),
    _device("missing", "left out where optional", NOT_GIVEN, None, required=False),
    _device("empty", "null where optional", None, None, required=False),
    _device("edge", "the option for none", "null", None, null_option="None", required=False),
    _device("edge", "that option where it is required", "null", None, null_option="None"),
    only_the_pod(_bad_device("wrong", "that word without the option", "null", _NO_CHOICE)),
    _device("edge", "query_params do not restrict", 1, SPINE, query_params={"site": "paris"}),
    _device("edge", "an instance as the model", 1, SPINE, model=SPINE),
    _device("missing", "a default id", NOT_GIVEN, SPINE, default=1),
    _device("missing", "a default lookup", NOT_GIVEN, SPINE, default={"name": "spine"}),
    _device("missing", "a default object", NOT_GIVEN, SPINE, default=SPINE),
    only_python(_device("edge", "an object, as tests give it", SPINE, SPINE)),
    _devices("typical", "some ids", [1, "2"], [SPINE, LEAF]),
    _devices("edge", "in the given order", [2, 1], [LEAF, SPINE]),
    only_the_pod(_bad_devices("wrong", "one that nobody has", [1, 9], _missing(9))),
    only_the_pod(
        _bad_devices("wrong", "all that nobody has are told", [9, 8], _missing(9), _missing(8))
    ),
    only_the_pod(_bad_devices("wrong", "one twice is told once", [9, 9], _missing(9))),
    only_the_pod(_bad_devices("wrong", "one that is malformed", ["x"], _missing("x"))),
    _bad_devices("wrong", "a scalar", "1", NO_LIST),
    _bad_devices("wrong", "a number", 1, NO_LIST),
    _bad_devices("wrong", "lookups", {"name": "leaf"}, NO_LIST),
    _bad_devices("wrong", "a list of lookups", [{"name": "leaf"}], NO_LIST),
    _bad_devices("wrong", "a list of lists", [[1]], NO_LIST),
    _bad_devices("wrong", "a null character", ["\x00"], NULL_CHARACTERS),
    _bad_devices("missing", "it must be given", NOT_GIVEN, REQUIRED),
    _bad_devices("empty", "it may not be empty", [], REQUIRED),
    _bad_devices("empty", "it may not be null", None, REQUIRED),
    _devices("missing", "left out where optional", NOT_GIVEN, [], required=False),
    _devices("empty", "null where optional", None, [], required=False),
    _devices("missing", "a default is taken", NOT_GIVEN, [SPINE], default=[1]),
    only_python(_devices("edge", "objects, as tests give them", [SPINE], [SPINE])),
]
