from __future__ import annotations

import pytest

from transom.http.digest_fields import digest_field, parse_digests, wanted_algorithm

KNOWN = ("sha-256", "sha-512")


@pytest.mark.parametrize(
    ("field", "digests"),
    [
        (None, {}),
        ("", {}),
        ("sha-256=:AQID:", {"sha-256": b"\1\2\3"}),
        ("sha-256=:AQID:, sha-512=:BA==:", {"sha-256": b"\1\2\3", "sha-512": b"\4"}),
        ("\tsha-256=:AQID:;q=1 ,md5=:AQID:", {"sha-256": b"\1\2\3", "md5": b"\1\2\3"}),
        ("sha-256=:AQID:,sha-256=:BA==:", {"sha-256": b"\4"}),
        ('unixsum=30637, x="a\\"b", sha-256=:AQID:', {"sha-256": b"\1\2\3"}),
        ("sha-256=AQID", {}),
        ("sha-256=:AQI:", {}),
        ("SHA-256=:AQID:", {}),
        ("sha-256=:AQID:,", {}),
        ("sha-256=:AQID: x", {}),
    ],
)
def test_digests_are_read_as_a_dictionary_of_byte_sequences(field: str | None, digests: dict[str, bytes]) -> None:
    assert parse_digests(field) == digests


def test_rfc_9530s_own_example_is_written_and_read() -> None:
    example = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"  # §B.1
    assert digest_field("sha-256", parse_digests(example)["sha-256"]) == example


@pytest.mark.parametrize(
    ("field", "algorithm"),
    [
        (None, None),
        ("sha-256=1", "sha-256"),
        ("sha-512=3, sha-256=10, unixsum=0", "sha-256"),
        ("sha-256=2, sha-512=10", "sha-512"),
        ("sha-256=0", None),
        ("sha-256=11", None),
        ("sha-256=-1", None),
        ("sha-256", None),
        ("md5=10", None),
        ("sha-256=1;;", "sha-256"),
        ("sha-256=1,", None),
    ],
)
def test_the_preferred_of_the_known_algorithms_is_taken(field: str | None, algorithm: str | None) -> None:
    assert wanted_algorithm(field, KNOWN) == algorithm
