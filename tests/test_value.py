"""A value is a frozen dataclass in everything one can do with it; only when it is compiled differs."""

from __future__ import annotations

import dataclasses

import pytest

from transom.value import value


@value
class Place:
    """A made-up one, new to every test that makes a subclass of it."""

    host: str
    port: int = 443
    seen: list[str] = dataclasses.field(default_factory=list)


def fresh() -> type[Place]:
    @value
    class Fresh(Place):
        label: str = "here"

    return Fresh


def test_it_is_compiled_when_the_first_is_made() -> None:
    kind = fresh()
    assert kind.__init__.__name__ == "compile_and_begin"
    kind("a")
    assert kind.__init__.__name__ == "__init__"


def test_fields_come_from_its_bases_whichever_was_made_first() -> None:
    made = fresh()("a", 80)
    assert [field.name for field in dataclasses.fields(made)] == ["host", "port", "seen", "label"]
    assert made == dataclasses.replace(Place.__subclasses__()[-1]("b", 80), host="a")


def test_its_fields_can_be_asked_for_before_any_is_made() -> None:
    assert [field.name for field in dataclasses.fields(fresh())][-1] == "label"
    assert dataclasses.is_dataclass(fresh())


def test_a_plain_dataclass_may_have_one_as_its_base() -> None:
    @value
    class Base:
        one: int

    @dataclasses.dataclass(frozen=True)
    class Derived(Base):
        two: int

    assert Derived(1, 2) == Derived(one=1, two=2)


def test_a_class_that_only_inherits_it_is_one_too() -> None:
    @value
    class Base:
        one: int

    class Derived(Base):
        pass

    assert Derived(1).one == 1
    assert Derived(1) != Base(1)


def test_it_is_frozen_compared_hashed_matched_and_shown_as_a_dataclass() -> None:
    place = Place("a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(place, "host", "b")  # noqa: B010
    assert place == Place("a", 443, [])
    assert place is not Place("a")
    assert place != Place("b")
    assert place.seen is not Place("a").seen
    assert "Place(host='a', port=443, seen=[])" in repr(place)
    match place:
        case Place(host, port):
            assert (host, port) == ("a", 443)
    with pytest.raises(TypeError, match="unexpected keyword argument 'other'"):
        Place("a", other=1)  # type: ignore[call-arg]
