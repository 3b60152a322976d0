"""`serve` with a certificate that clients will refuse: said when it begins, not found out by them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.real.transom import User
from tests.trust.pki import make

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
REFUSED = "clients will refuse this certificate."
LAST, NEXT = NOW - 3 * DAY, NOW + 3 * DAY


@pytest.mark.parametrize(
    ("since", "until", "lang", "notes"),
    [
        (LAST - DAY, LAST, "en", [f"cert.pem: expired on {LAST:%Y-%m-%d}; {REFUSED}"]),
        (LAST - DAY, LAST, "ko", [f"cert.pem: {LAST:%Y-%m-%d} 만료됨. 클라이언트가 이 인증서를 거부합니다."]),
        (NEXT, NEXT + DAY, "en", [f"cert.pem: valid only from {NEXT:%Y-%m-%d} on; {REFUSED}"]),
        (LAST, NEXT, "en", []),
    ],
)
def test_a_certificate_out_of_its_dates_is_warned_of_in_one_line(
    user: User, since: datetime, until: datetime, lang: str, notes: list[str]
) -> None:
    made = make("localhost", names=("localhost",), since=since, until=until)
    (user.folder / "cert.pem").write_bytes(made.pem)
    (user.folder / "key.pem").write_bytes(made.key_pem)
    with user.serving("--tls-cert", "cert.pem", "--tls-key", "key.pem", "--lang", lang, ".") as server:
        _, log = server.stop()
    assert log.splitlines() == notes
