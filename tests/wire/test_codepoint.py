"""Code points: those IANA names, those nobody names, and GREASE."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.groups import NamedGroup
from transom.wire.codepoint import CodePoint


class Colour(CodePoint):
    red = 1


def test_a_named_value_is_its_member() -> None:
    assert Colour(1) is Colour.red
    assert Colour.red.is_known
    assert Colour.red.title == "red"


def test_an_unknown_value_keeps_its_number_under_a_name_that_says_so() -> None:
    colour = Colour(0x99)
    assert colour == 0x99
    assert colour.name == "unknown(0x99)"
    assert not colour.is_known
    assert not colour.is_grease


def test_equal_unknown_values_are_one_object() -> None:
    assert Colour(0x77) is Colour(0x77)
    assert len({Colour(0x77), Colour(0x77), Colour(0x78)}) == 2


def test_an_unknown_value_is_not_listed_among_the_registry() -> None:
    Colour(0x55)
    assert list(Colour) == [Colour.red]
    assert len(Colour) == 1


def test_unknown_values_survive_copies_and_pickles() -> None:
    colour = Colour(0x42)
    assert copy.deepcopy(colour) is colour
    assert pickle.loads(pickle.dumps(colour)) is colour


@pytest.mark.parametrize("value", [0x0A0A, 0x1A1A, 0x9A9A, 0xFAFA])
@pytest.mark.parametrize("registry", [CipherSuite, ExtensionType, NamedGroup])
def test_the_sixteen_values_of_rfc_8701_are_grease(registry: type[CodePoint], value: int) -> None:
    assert registry(value).is_grease
    assert registry(value).title == "Reserved (GREASE)"


@pytest.mark.parametrize("value", [0x0A1A, 0x0B0B, 0x0A0B, 0x0A])
def test_what_only_looks_like_grease_is_not(value: int) -> None:
    assert not CipherSuite(value).is_grease


@pytest.mark.parametrize("value", ["1", 1.5, None])
def test_what_is_no_number_is_no_code_point(value: Any) -> None:
    with pytest.raises(ValueError, match="not a valid"):
        Colour(value)
