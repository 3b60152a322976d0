"""A value is a frozen dataclass in everything one can do with it; only when it is compiled differs."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from transom.value import MANY, value


@value
class Place:
    """A made-up one, new to every test that makes a subclass of it."""

    host: str
    port: int = 443
    seen: list[str] = dataclasses.field(default_factory=list)


@value
class Labelled(Place):
    label: str = "here"


@value(kw_only=True)
class Strict(Place):
    must: int


def test_it_is_made_of_what_is_given_in_order_by_name_and_by_default() -> None:
    assert Labelled("a", 80, label="there") == Labelled("a", label="there", port=80, seen=[])
    assert (Labelled("a").port, Labelled("a").label) == (443, "here")
    assert Strict("a", must=1).must == 1


@pytest.mark.parametrize(
    ("positional", "named", "said"),
    [
        ((), {}, "Place lacks host"),
        (("a", 1, [], 2), {}, "Place takes 3 values in order, not 4"),
        (("a",), {"host": "b"}, "Place got several values for host"),
        (("a",), {"other": 1}, "Place has no field other"),
    ],
)
def test_what_it_cannot_be_made_of_is_a_type_error(positional: Any, named: Any, said: str) -> None:
    with pytest.raises(TypeError, match=f"^{said}$"):
        Place(*positional, **named)


def test_a_field_by_name_alone_is_taken_by_name_alone() -> None:
    with pytest.raises(TypeError, match="takes 3 values in order, not 4"):
        Strict("a", 1, [], 5)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="lacks must"):
        Strict("a")  # type: ignore[call-arg]


def test_dataclasses_takes_it_as_its_own() -> None:
    labelled = Labelled("a", 80)
    assert dataclasses.is_dataclass(labelled)
    assert [field.name for field in dataclasses.fields(Labelled)] == ["host", "port", "seen", "label"]
    assert dataclasses.replace(labelled, host="b") == Labelled("b", 80)
    assert dataclasses.asdict(labelled) == {"host": "a", "port": 80, "seen": [], "label": "here"}


def test_what_is_done_after_it_is_made_is_done() -> None:
    @value
    class Positive:
        number: int

        def __post_init__(self) -> None:
            if self.number < 0:
                raise ValueError("negative")

    assert Positive(1).number == 1
    with pytest.raises(ValueError, match="negative"):
        Positive(-1)


def test_a_secret_is_not_shown_and_still_compared() -> None:
    @value
    class Login:
        user: str
        password: str = dataclasses.field(repr=False)

    assert repr(Login("u", "secret")).endswith("Login(user='u')")
    assert Login("u", "a") != Login("u", "b")


def test_its_own_methods_come_before_those_of_every_value() -> None:
    @value
    class Loud:
        word: str

        def __repr__(self) -> str:
            return self.word.upper()

    assert repr(Loud("a")) == "A"
    assert len({Loud("a"), Loud("a"), Loud("b")}) == 2


def test_values_of_two_classes_differ() -> None:
    class Derived(Place):
        pass

    assert Derived("a").host == "a"
    assert Derived("a") != Place("a")


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
    with pytest.raises(TypeError, match="has no field other"):
        Place("a", other=1)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("port", "said"),
    [
        (dataclasses.field(default=1, compare=False), "compare=False"),
        (dataclasses.field(default=1, hash=False), "hash=False"),
        (dataclasses.field(default=1, init=False), "init=False"),
    ],
)
def test_a_field_that_is_not_compared_hashed_or_given_is_refused_where_it_is_declared(port: Any, said: str) -> None:
    odd = type("Odd", (), {"__annotations__": {"host": "str", "port": "int"}, "port": port})
    with pytest.raises(TypeError, match=rf"^Odd\.port: a value's field cannot have {said}$"):
        value(odd)


def test_a_class_of_which_many_are_made_goes_on_as_it_was() -> None:
    @value
    class Base:
        host: str
        port: int = 443
        seen: list[str] = dataclasses.field(default_factory=list)

    @value(kw_only=True)
    class Busy(Base):
        must: int
        may: int = 7

        def __post_init__(self) -> None:
            if self.must < 0:
                raise ValueError("negative")

    class Derived(Busy):
        pass

    before = [Busy("a", must=1), Busy("a", 80, ["x"], must=2, may=3), Derived("b", must=1)]
    looked_up = Busy.__init__
    for number in range(MANY):
        assert Busy("a", must=number).must == number
    assert Busy.__init__ is not looked_up
    after = [Busy("a", must=1), Busy("a", 80, ["x"], must=2, may=3), Derived("b", must=1)]
    assert after == before
    assert list(map(repr, after)) == list(map(repr, before))
    assert after[0].seen is not Busy("a", must=1).seen
    assert dataclasses.replace(after[0], port=1) == Busy("a", 1, must=1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(after[0], "host", "b")  # noqa: B010
    with pytest.raises(ValueError, match="negative"):
        Busy("a", must=-1)
    with pytest.raises(TypeError, match="must"):
        Busy("a")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Busy("a", 1, [], 5)  # type: ignore[call-arg]


def test_an_init_of_its_own_is_kept_however_many_are_made() -> None:
    @value
    class Own:
        word: str

        def __init__(self, word: str) -> None:
            self.__dict__["word"] = word.upper()

    assert {Own("a").word for _ in range(MANY + 1)} == {"A"}


def test_a_field_may_have_the_name_of_anything_that_its_making_uses() -> None:
    @value
    class Odd:
        fields: tuple[int, ...]
        defaults: int = 2

    made = [Odd((number,)) for number in range(MANY + 2)]
    assert [odd.fields[0] for odd in made] == list(range(MANY + 2))
    assert made[-1].defaults == 2
