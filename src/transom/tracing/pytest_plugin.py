"""For pytest: a test that speaks plaintext, an old TLS, with a certificate near its end or with a stranger fails.

pytest loads this for every run that has Transom installed: what looks is imported when a test is to be looked at.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TypeVar, cast

import pytest

import transom
from transom.tracing.policy import VERSIONS, Policy, Seen, violations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from transom.tracing.block import Trace

T = TypeVar("T")

_MARK = "https_policy"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The rules, for the command line and for the configuration file."""
    group = parser.getgroup("https policy", "what tests may do over the network (transom)")
    group.addoption("--https-policy", action="store_true", help="hold every test to the HTTPS policy")
    group.addoption("--https-min-version", metavar="VERSION", help="the oldest TLS allowed (default: TLSv1.2)")
    group.addoption("--https-cert-days", metavar="N", help="days a certificate has to hold (default: 14)")
    group.addoption("--https-host", metavar="HOST", action="append", help="a host that may be spoken with; * matches")
    group.addoption("--https-plaintext-host", metavar="HOST", action="append", help="a host plain HTTP may go to")
    parser.addini("https_policy", "hold every test to the HTTPS policy", type="bool", default=False)
    parser.addini("https_min_version", "the oldest TLS allowed", default="TLSv1.2")
    parser.addini("https_cert_days", "days a certificate has to hold", default="14")
    parser.addini("https_hosts", "hosts that may be spoken with", type="args", default=["*"])
    parser.addini("https_plaintext_hosts", "hosts plain HTTP may go to", type="args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Says what the mark is; checks the rules before any test runs."""
    config.addinivalue_line(
        "markers",
        f"{_MARK}(min_version, cert_days, hosts, plaintext_hosts): hold this test to the HTTPS policy, changed so",
    )
    config.stash[_WATCH] = _Watch(_configured(config))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Nothing of it is left."""
    if _WATCH in config.stash:  # not where a rule was none
        config.stash[_WATCH].close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is wrong with a mark is told before any test runs."""
    for item in items:
        _policy_for(item)


@pytest.fixture
def https_policy(request: pytest.FixtureRequest) -> Policy:
    """Holds this test to the HTTPS policy: the rules."""
    policy = _policy_for(request.node)
    assert policy is not None
    return policy


@pytest.fixture
def transom_trace() -> Generator[Trace]:
    """What this test does over the network: `transom_trace.conversations`, as `transom.trace()` gives them."""
    with transom.trace() as seen:
        yield seen


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, T, T]:
    """From before the fixtures on."""
    if _policy_for(item) is not None:
        item.config.stash[_WATCH].begin()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, T, T]:
    """A test that passes may still have broken a rule, its fixtures too."""
    try:
        result = yield
    except BaseException:
        item.add_report_section("call", _MARK, "\n".join(_broken(item)))
        raise
    _judge(item)
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, T, T]:
    """So may its fixtures in ending."""
    result = yield
    _judge(item)
    return result


class _Watch:
    """One trace for all tests, since a connection may be used by several."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._ending = ExitStack()
        self._trace: Trace | None = None
        self._seen = Seen()
        self._unseen = 0

    def begin(self) -> None:
        """A test begins. What went on outside of tests is nobody's."""
        if self._trace is None:
            self._trace = self._ending.enter_context(transom.trace())
        self._seen.news(self._trace.conversations)

    def broken(self, policy: Policy) -> list[str]:
        """The rules that were broken since the last call."""
        if self._trace is None:
            return []
        broken = list(violations(policy, self._seen.news(self._trace.conversations), datetime.now(UTC)))
        unseen, self._unseen = self._trace.unseen_sessions - self._unseen, self._trace.unseen_sessions
        if unseen > 0:
            sessions = "1 TLS session" if unseen == 1 else f"{unseen} TLS sessions"
            why = "crossed no socket that is looked at, and could not be judged"
            broken.append(f"{sessions} {why}; expected to see each")
        return broken

    def close(self) -> None:
        self._ending.close()


_WATCH = pytest.StashKey[_Watch]()


def _judge(item: pytest.Item) -> None:
    broken = _broken(item)
    if broken:
        pytest.fail(f"{item.nodeid} broke the HTTPS policy:\n" + "\n".join(f"- {one}" for one in broken), pytrace=False)


def _broken(item: pytest.Item) -> list[str]:
    policy = _policy_for(item)
    return [] if policy is None else item.config.stash[_WATCH].broken(policy)


def _policy_for(item: pytest.Item) -> Policy | None:
    """The rules for a test, None where it is held to none."""
    mark = item.get_closest_marker(_MARK)
    config = item.config
    asked = mark is not None or _MARK in getattr(item, "fixturenames", ())
    if not (asked or config.getoption("--https-policy") or config.getini("https_policy")):
        return None
    policy = config.stash[_WATCH].policy
    return policy if mark is None else _changed(policy, mark)


def _changed(policy: Policy, mark: pytest.Mark) -> Policy:
    where = f"@pytest.mark.{_MARK}"
    unknown = [*map(repr, mark.args), *(mark.kwargs.keys() - set(Policy._fields))]
    if unknown:
        raise pytest.UsageError(f"{where}: {', '.join(unknown)}: expected {', '.join(Policy._fields)} by name")
    return _checked(policy._replace(**mark.kwargs), where)


def _configured(config: pytest.Config) -> Policy:
    """Of the command line, else of the configuration file. Raises UsageError for a rule that is none."""

    def of(option: str, ini: str) -> str:
        return str(config.getoption(option) or config.getini(ini))

    def several(option: str, ini: str) -> Sequence[str]:
        chosen: Sequence[str] = config.getoption(option) or config.getini(ini)
        return tuple(chosen)

    days = of("--https-cert-days", "https_cert_days")
    try:
        cert_days = int(days)
    except ValueError:
        raise pytest.UsageError(f"--https-cert-days {days}: expected a number of days") from None
    policy = Policy(
        min_version=of("--https-min-version", "https_min_version"),
        cert_days=cert_days,
        hosts=several("--https-host", "https_hosts"),
        plaintext_hosts=several("--https-plaintext-host", "https_plaintext_hosts"),
    )
    return _checked(policy, "--https-min-version")


def _are_names(hosts: object) -> bool:
    return isinstance(hosts, list | tuple) and all(isinstance(host, str) for host in cast("Sequence[object]", hosts))


def _checked(policy: Policy, where: str) -> Policy:
    if policy.min_version not in VERSIONS:
        raise pytest.UsageError(f"{where}: {policy.min_version} is no version; expected one of {', '.join(VERSIONS)}")
    if type(policy.cert_days) is not int:
        raise pytest.UsageError(f"{where}: cert_days={policy.cert_days!r}; expected a number of days")
    for name in ("hosts", "plaintext_hosts"):
        hosts = getattr(policy, name)
        if not _are_names(hosts):
            raise pytest.UsageError(f"{where}: {name}={hosts!r}; expected a list of names")
    return policy
