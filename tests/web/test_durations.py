"""Times as people read them, on the terminal and by the page's own script alike."""

from __future__ import annotations

import pytest

from tests.real.browser import Browser
from tests.web.shown import shown
from transom.cli.show.closing import in_a_row
from transom.cli.show.figures import duration, transfer_time
from transom.cli.words import words

MS = 10**6
S = 10**9
TIMES = (
    (0, "0.0 ms", "0.0 ms"),
    (15_060_000, "15.1 ms", "15.1 ms"),
    (999_940_000, "999.9 ms", "999.9 ms"),
    (999_960_000, "1.0 s", "1.0초"),
    (12_345 * MS, "12.3 s", "12.3초"),
    (59_940 * MS, "59.9 s", "59.9초"),
    (59_960 * MS, "1 min 0 s", "1분 0초"),
    (272_579 * MS, "4 min 33 s", "4분 33초"),
    (3599 * S, "59 min 59 s", "59분 59초"),
    (3_599_600 * MS, "1 h 0 min", "1시간 0분"),
    (7_500 * S, "2 h 5 min", "2시간 5분"),
    (90_000 * S, "25 h 0 min", "25시간 0분"),
)


@pytest.mark.parametrize(("nanoseconds", "english", "korean"), TIMES)
def test_a_time_has_the_units_of_its_size(nanoseconds: int, english: str, korean: str) -> None:
    assert duration(nanoseconds, words("en")) == english
    assert duration(nanoseconds, words("ko")) == korean


def test_what_a_transfer_took_is_in_seconds_up_to_a_minute() -> None:
    told = [transfer_time(time, words("en")) for time in (120 * MS, 59_990 * MS, 59_996 * MS, 272_579 * MS)]
    assert told == ["0.12 s", "59.99 s", "1 min 0 s", "4 min 33 s"]
    assert transfer_time(120 * MS, words("ko")) == "0.12초"


def test_stages_share_their_unit_while_they_are_short() -> None:
    stages = [("closing.dns", 3 * MS), ("closing.file", 79 * MS)]
    assert in_a_row(stages, words("en")) == ["DNS 3.0", "▏file 79.0 ms"]
    slow = in_a_row([*stages, ("closing.file", 272_579 * MS)], words("ko"))
    assert slow == ["DNS 3.0 ms", "▏파일 79.0 ms", "▏파일 4분 33초"]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_has_the_same_times(browser: Browser, address: str, lang: str) -> None:
    with shown(browser, address, f"#c=1&lang={lang}") as page:
        said = page.evaluate(
            f"import('./format.js').then(({{ duration }}) => {[time for time, *_ in TIMES]}.map(duration))"
        )
        assert said == [korean if lang == "ko" else english for _, english, korean in TIMES]
