"""What the summary and --json say of `--capture`, where nothing was seen or something was missed."""

from __future__ import annotations

import argparse
import io
import json
from contextlib import ExitStack

import pytest

from tests.cli.screen import Screen
from transom.cli.run_summary import write_summary
from transom.cli.run_telling import MOST_SERVERS, RunTelling
from transom.cli.words import words
from transom.dissect.telling import Looking
from transom.run.child import Ended
from transom.run.watch import Missed, Unread, Watch
from transom.wire.tap import Endpoint


@pytest.mark.parametrize(("captured", "said"), [(True, "made no TCP connection"), (False, "made no connection")])
def test_where_nothing_was_seen_it_is_said_what_that_may_be(*, captured: bool, said: str) -> None:
    text = summary(captured=captured, unseen=0)
    assert said in text
    assert ("proxy variables" in text) is not captured


@pytest.mark.parametrize(
    ("captured", "said"), [(True, "was not seen among the packets"), (False, "did not come through the tunnel")]
)
def test_keys_of_what_was_not_seen_are_told_by_the_way_it_could_have_been(*, captured: bool, said: str) -> None:
    assert said in summary(captured=captured, unseen=1)


def summary(*, captured: bool, unseen: int) -> str:
    screen = Screen()
    write_summary(
        screen.terminal,
        words("en"),
        "sh",
        Ended(code=0),
        0.1,
        [],
        [],
        unseen,
        captured=captured,
        opted=[],
        has_agent=False,
    )
    return " ".join(screen.text.split())


@pytest.mark.parametrize(
    ("missed", "code", "said"),
    [
        (Missed(packets=7), "packets-dropped", "7 packets were not seen"),
        (Missed(connections=3), "connections-nobodys", "3 connections were over before it was known whose they were"),
        (Missed(unnoticed="why"), "connections-unnoticed", "could not be noticed as they were made (seccomp: why)"),
        (Missed(unnoticed=""), "connections-unnoticed", "some were made in a way that is not noticed"),
        (Missed(without_privileges=True), "no-new-privileges", "Programs with rights of their own"),
        (Missed(), None, ""),
    ],
)
def test_what_was_missed_is_told(missed: Missed, code: str | None, said: str) -> None:
    lines = [json.loads(line) for line in told(missed, [], as_json=True).splitlines()]
    assert [line["code"] for line in lines if line["type"] == "problem"] == ([code] if code else [])
    text = " ".join(told(missed, [], as_json=False).split())
    assert said in text
    others = ("were not seen", "whose they were", "seccomp", "not noticed", "of their own")
    assert sum(other in text for other in others) == (1 if code else 0)


def test_of_servers_by_udp_so_many_are_named_and_the_others_counted() -> None:
    unread = [Unread(Endpoint("192.0.2.1", port), True, 2, 100) for port in range(1, MOST_SERVERS + 4)]
    text = told(Missed(), unread, as_json=False)
    assert text.count("QUIC: not read: 192.0.2.1:") == MOST_SERVERS
    assert "3 more" in text
    (line,) = [json.loads(line) for line in told(Missed(), unread, as_json=True).splitlines()]
    assert len(line["udp"]) == MOST_SERVERS + 3


def told(missed: Missed, unread: list[Unread], *, as_json: bool) -> str:
    """What a run of which this was missed tells at its end."""
    options = argparse.Namespace(
        lang="en",
        summary="somewhere",
        json=as_json,
        silent=False,
        explain=False,
        trace=None,
        capture=True,
        java=False,
        java_agent=None,
        python=False,
    )
    out = io.StringIO()
    with ExitStack() as stack:
        telling = RunTelling(options, "sh", out, None, stack)
        telling._watch = Watch(Looking(), telling, list)
        telling._watch.missed, telling._watch.unread = missed, unread
        telling.ended(Ended(code=0))
    return out.getvalue()
