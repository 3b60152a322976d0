"""What tests may do over the network, and where they did something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import NamedTuple
from urllib.parse import urlsplit

TYPE_CHECKING = False
if TYPE_CHECKING:  # whoever loads this for its table of versions alone looks at nothing yet
    from transom.tracing.conversation import Conversation, Request

VERSIONS = ("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
"""From the oldest on, as conversations have them."""

_ANY = ("*",)
_PLAIN = "http://"


class Policy(NamedTuple):
    """The rules. Hosts are names, or patterns with `*`; a certificate has to hold for `cert_days` more."""

    min_version: str = "TLSv1.2"
    cert_days: int = 14
    hosts: Sequence[str] = _ANY
    plaintext_hosts: Sequence[str] = ()


class Seen:
    """What was looked at already: a connection may go on from one test to the next."""

    def __init__(self) -> None:
        self._requests: dict[int, int] = {}

    def news(self, conversations: Iterable[Conversation]) -> list[tuple[Conversation, Sequence[Request]]]:
        """Those that began since the last call or carried requests since, with those requests."""
        found: list[tuple[Conversation, Sequence[Request]]] = []
        for conversation in conversations:
            before = self._requests.get(conversation.number)
            requests = conversation.requests[before or 0 :]
            if before is None or requests:
                found.append((conversation, requests))
            self._requests[conversation.number] = len(conversation.requests)
        return found


def violations(policy: Policy, news: Iterable[tuple[Conversation, Sequence[Request]]], now: datetime) -> Iterator[str]:
    """Each broken rule as a sentence: what was seen, where, and what was expected."""
    for conversation, requests in news:
        where = _where(conversation, requests)
        yield from _hosts(policy, conversation, requests, where)
        yield from _plaintext(policy, requests, conversation)
        if conversation.version in VERSIONS:
            too_old = VERSIONS.index(conversation.version) < VERSIONS.index(policy.min_version)
            if too_old:
                yield f"{conversation.version} was spoken with {where}; expected {policy.min_version} or later"
        if conversation.not_after is not None:
            yield from _certificate(policy, conversation.not_after, where, now)


def _certificate(policy: Policy, not_after: datetime, where: str, now: datetime) -> Iterator[str]:
    days = (not_after - now).days
    if days < policy.cert_days:
        how = f"expires on {not_after:%Y-%m-%d}, in {_days(days)}" if days >= 0 else f"expired on {not_after:%Y-%m-%d}"
        yield f"the certificate of {where} {how}; expected {_days(policy.cert_days)} or more"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _plaintext(policy: Policy, requests: Sequence[Request], conversation: Conversation) -> Iterator[str]:
    for request in requests:
        if request.url.startswith(_PLAIN) and not _matches(_host(request), policy.plaintext_hosts):
            yield f"{request.method} {request.url} went to {conversation.server} in plaintext; expected HTTPS"


def _hosts(policy: Policy, conversation: Conversation, requests: Sequence[Request], where: str) -> Iterator[str]:
    for host in dict.fromkeys([conversation.host, *(_host(request) for request in requests)]):
        if host and not _matches(host, policy.hosts):
            said = where if host == conversation.host else f"{host} ({where})"
            yield f"{said} was spoken with; expected only {', '.join(policy.hosts)}"


def _where(conversation: Conversation, requests: Sequence[Request]) -> str:
    asked = f", {requests[0].method} {requests[0].url}" if requests else ""
    return f"{conversation.host} ({conversation.server}{asked})"


def _host(request: Request) -> str:
    url = request.url if "://" in request.url else f"//{request.url}"  # CONNECT names host and port alone
    try:
        host: str | None = urlsplit(url).hostname
    except ValueError:
        return ""
    return host or ""


def _matches(host: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(host.lower(), pattern.lower()) for pattern in patterns)
