from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from transom.crypto.key_exchange import GROUPS, answer, start
from transom.errors import PeerMisbehaved, UsageError

LENGTHS = {"x25519": 32, "secp256r1": 65, "secp384r1": 97}


@pytest.mark.parametrize("group", GROUPS)
def test_both_sides_come_to_the_same_secret(group: str) -> None:
    started = start(group)
    answered = answer(group, started.public)
    assert started.finish(answered.public) == answered.secret
    assert len(started.public) == len(answered.public) == LENGTHS[group]


def test_each_start_is_a_fresh_key() -> None:
    assert start("x25519").public != start("x25519").public


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("damage", ["empty", "short", "long", "zeros"])
def test_a_share_that_is_no_point_is_refused_with_illegal_parameter(group: str, damage: str) -> None:
    good = start(group).public
    share = {"empty": b"", "short": good[:-1], "long": good + b"\0", "zeros": bytes(len(good))}[damage]
    with pytest.raises(PeerMisbehaved, match=group) as refusal:
        answer(group, share)
    assert refusal.value.alert == "illegal_parameter"
    with pytest.raises(PeerMisbehaved):
        start(group).finish(share)


@pytest.mark.parametrize(
    "point",
    [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ],
)
def test_an_x25519_share_of_small_order_is_refused(point: str) -> None:
    with pytest.raises(PeerMisbehaved) as refusal:
        answer("x25519", bytes.fromhex(point))
    assert refusal.value.alert == "illegal_parameter"


def test_a_point_off_the_curve_is_refused() -> None:
    share = bytearray(start("secp256r1").public)
    share[-1] ^= 1
    with pytest.raises(PeerMisbehaved, match="point on the curve"):
        answer("secp256r1", bytes(share))


def test_a_compressed_point_is_refused_though_it_is_on_the_curve() -> None:
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    compressed = public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    with pytest.raises(PeerMisbehaved, match="uncompressed"):
        answer("secp256r1", compressed)


def test_a_group_we_do_not_have_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="ffdhe2048"):
        start("ffdhe2048")
