"""What the two hellos give away and settle, each fact under a label."""

from __future__ import annotations

from collections.abc import Iterator

from transom.cli.show import names
from transom.cli.words import Words
from transom.dissect.session import Session
from transom.dissect.timeline import Message
from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.extensions.supported_versions import SupportedVersionsClientHello
from transom.tls.messages.hello import ClientHello, ServerHello


def hello_facts(
    message: Message, session: Session, words: Words, *, in_full: bool = False
) -> Iterator[tuple[str, str]]:
    """Label and text of each fact; none for any other message. `in_full` adds what explains the fields."""
    match message.value:
        case ClientHello() as hello:
            yield from _offers(hello, words)
            if in_full and hello.extensions.get(SupportedVersionsClientHello):
                yield words.say("fact.versions"), _three_versions(message, hello, words)
        case ServerHello() as hello if not hello.is_retry_request:
            yield from _choice(hello, session, words)
        case _:
            return


def _offers(hello: ClientHello, words: Words) -> Iterator[tuple[str, str]]:
    offers = (names.version_list(hello.versions), names.offered_suites(hello, words), names.offered_groups(hello))
    yield words.say("fact.offers"), _joined(*offers)
    name = names.server_name(hello)
    protocols = names.offered_alpn(hello)
    yield (
        words.say("fact.reveals"),
        _joined(
            words.say("offer.server_name", name=name) if name else words.say("offer.no_server_name"),
            words.say("offer.alpn", names=protocols) if protocols else "",
        ),
    )


def _three_versions(message: Message, hello: ClientHello, words: Words) -> str:
    record = message.records[0].version.title
    return words.say("offer.three_versions", record=record, hello=hello.legacy_version.title)


def _choice(hello: ServerHello, session: Session, words: Words) -> Iterator[tuple[str, str]]:
    group = names.group_remark(session.group, words) if session.group else ""
    chosen = hello.extensions.get(ProtocolNameList)
    protocol = words.say("offer.alpn", names=names.alpn(chosen)) if chosen else ""
    yield words.say("fact.chose"), _joined(hello.version.title, hello.cipher_suite.title, group, protocol)
    if session.parts:
        yield words.say("fact.suite"), names.suite_parts(session.parts, words, tls13=session.is_tls13)
    if session.is_resumed:
        yield words.say("fact.session"), words.say("offer.resumed")
    elif not session.is_tls13 and session.client_hello and session.client_hello.legacy_session_id:
        yield words.say("fact.session"), words.say("offer.full_handshake")


def _joined(*texts: str) -> str:
    return names.SEPARATOR.join(filter(None, texts))
