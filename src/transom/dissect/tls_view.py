"""TLS as a part of the timeline: what the observer sights becomes items, facts, and plaintext for the view inside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from transom.dissect import tls_items
from transom.dissect.facts import TlsFacts
from transom.dissect.steps import FINISHED
from transom.dissect.telling import Telling, View
from transom.dissect.timeline import ApplicationData, ChainJudged, Item, Moment, SealedFromHere
from transom.dissect.tls_facts import chosen_version, learn_from_message, learn_from_observer, version_text
from transom.errors import Sentence
from transom.tls.iana.alerts import AlertDescription
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.hello import ServerHello
from transom.tls.observer import Observer, stream_of
from transom.tls.sightings import (
    AlertSeen,
    ApplicationDataSeen,
    ChangeCipherSpecSeen,
    HandshakeSeen,
    SealedHandshakeSeen,
    Sighting,
    TroubleSeen,
)
from transom.trust.verify import judge
from transom.wire.few import Few
from transom.wire.tap import NEITHER, Buffer, Side

_CERTIFICATES = (HandshakeType.certificate, HandshakeType.compressed_certificate)
_NANOSECONDS = 10**9


class _Run:
    """A run of application data that goes on. It is added to as often as anything is received: it is no value yet."""

    def __init__(self, first: ApplicationDataSeen, moment: Moment) -> None:
        self.side = first.side
        self._first = self._last = moment
        self._offset = self._end = first.first.offset
        self._records = self._wire_bytes = 0
        self._length: int | None = 0

    def add(self, seen: ApplicationDataSeen, length: int | None, moment: Moment) -> None:
        """More of it, with so much plaintext; None where that stays shut."""
        self._last = moment
        self._records += seen.records
        self._wire_bytes += seen.wire_bytes
        self._length = None if self._length is None or length is None else self._length + length
        self._end = seen.first.offset + seen.wire_bytes

    def item(self) -> ApplicationData:
        """What it has come to."""
        return ApplicationData(
            self._first,
            self._last,
            self.side,
            self._records,
            self._wire_bytes,
            self._length,
            offset=self._offset,
            end=self._end,
        )


class TlsView:
    """TLS 1.2 and 1.3, with the keys or without. Plaintext goes on to `inside`."""

    def __init__(self, telling: Telling, inside: View) -> None:
        self._telling = telling
        self._inside = inside
        looking = telling.looking
        self._observer = Observer(looking.keys, private_keys=looking.private_keys, held=looking.held)
        self._facts = telling.facts.tls = TlsFacts()
        self._run: _Run | None = None
        self._sealed = NEITHER
        self._finished_next = NEITHER
        self._inside_ended = NEITHER
        self._unread_version = False
        self._data_shut = False
        self._troubles: Few[tuple[Side, str]] = Few()

    def receive(self, side: Side, data: Buffer, moment: Moment) -> None:
        unwanted = self._inside.unwanted(side) if self._telling.looking.plaintext is None else 0
        self._take_all(self._observer.receive(side, data, unwanted), moment)

    def wants(self, side: Side, most: int) -> int:
        """How many bytes to receive next, from 1 to `most`."""
        return self._observer.wants(side, most)

    def lost(self, side: Side, count: int | None, moment: Moment) -> None:
        # How much plaintext was in what is missing cannot be told, so nothing behind it has a place in the plaintext.
        if count is None:
            self._end_inside(side, moment, clean=False)
            return
        if side not in self._inside_ended:
            self._inside.lost(side, None, moment)
        sightings = self._observer.lost(side, count)
        # That bytes are missing has been told, of the whole conversation.
        self._take_all([sighting for sighting in sightings if not isinstance(sighting, TroubleSeen)], moment)
        self._learn()

    def unwanted(self, side: Side) -> int:  # noqa: ARG002 (a view's signature)
        return 0

    def passed(self, side: Side, count: int) -> None:
        """Of TLS every byte is wanted."""

    def ended(self, side: Side, moment: Moment, *, clean: bool) -> None:  # noqa: ARG002 (close_notify says what is clean)
        self._take_all(self._observer.end(side), moment)
        for (of, code), what in self._troubles.left_out():
            if of is side:
                self._telling.problem(moment, side, code, stream_of(side), what)
        self._end_run()
        self._end_inside(side, moment, clean=False)

    def pending(self, moment: Moment) -> Iterator[Item]:
        """What a run carries before the run, as it is when they are told."""
        yield from self._inside.pending(moment)
        if self._run is not None:
            yield self._run.item()

    def _take_all(self, sightings: list[Sighting], moment: Moment) -> None:
        for sighting in sightings:
            if isinstance(sighting, ApplicationDataSeen):
                self._application_data(sighting, moment)
            else:
                self._end_run()
                self._take(sighting, moment)
        if sightings:
            self._learn()

    def _learn(self) -> None:
        learn_from_observer(self._facts, self._observer)
        shut = self._data_shut or self._observer.shut_records > 0
        if shut and self._unread_version:
            self._facts.why_not = "unsupported-version"
        elif shut:
            self._facts.why_not = self._observer.why_not or "no-handshake"

    def _take(self, sighting: Sighting, moment: Moment) -> None:
        tell = self._telling.tell
        match sighting:
            case HandshakeSeen():
                self._handshake(sighting, moment)
            case SealedHandshakeSeen():
                tell(tls_items.shut_handshake(sighting, moment, self._shut_step(sighting.side)))
            case ChangeCipherSpecSeen():
                tell(tls_items.change_cipher_spec(sighting, moment))
                if self._observer.version != ProtocolVersion.TLSv1_3:
                    self._finished_next |= {sighting.side}
                    self._seal(sighting.side, moment)
            case AlertSeen():
                tell(tls_items.alert(sighting, moment))
                if sighting.description is AlertDescription.close_notify:
                    self._end_inside(sighting.side, moment, clean=True)
            case TroubleSeen(side, code, where, what):
                if self._troubles.tells((side, code)):
                    self._telling.problem(moment, side, code, where, what)
            case _:
                pass

    def _handshake(self, seen: HandshakeSeen, moment: Moment) -> None:
        self._telling.tell(tls_items.handshake(seen, moment, self._observer.version))
        learn_from_message(self._facts, seen.value)
        if seen.frame.type in _CERTIFICATES and seen.side is Side.SERVER:
            self._judge_chain(moment)
        if seen.frame.type is HandshakeType.server_hello:
            self._check_version(chosen_version(seen), moment)
        hello = seen.value
        if isinstance(hello, ServerHello) and not hello.is_retry_request and hello.version == ProtocolVersion.TLSv1_3:
            for side in (Side.SERVER, Side.CLIENT):
                self._seal(side, moment)

    def _check_version(self, version: ProtocolVersion, moment: Moment) -> None:
        """A draft's records have other keys than the RFC's, so what follows stays shut whatever secrets there are."""
        if not version.is_known:
            self._unread_version = True
            what = "version {version}: only TLS 1.2 and 1.3 are opened, what follows stays sealed"
            said = Sentence(what, version=version_text(version))
            self._telling.problem(moment, Side.SERVER, "unsupported-version", Sentence("ServerHello"), said)

    def _judge_chain(self, moment: Moment) -> None:
        chain = self._observer.certificates
        if chain:
            verdict = judge(chain, self._facts.sni, self._telling.looking.store, _as_datetime(moment))
            self._facts.verdict = verdict
            self._telling.tell(ChainJudged(moment, Side.SERVER, verdict))

    def _seal(self, side: Side, moment: Moment) -> None:
        if side not in self._sealed:
            self._sealed |= {side}
            self._telling.tell(SealedFromHere(moment, side))

    def _shut_step(self, side: Side) -> int | None:
        """Shut or not, what follows a ChangeCipherSpec can only be Finished (RFC 5246 §7.4.9)."""
        if side not in self._finished_next:
            return None
        self._finished_next -= {side}
        return FINISHED

    def _application_data(self, seen: ApplicationDataSeen, moment: Moment) -> None:
        if not seen.first.sealed:
            # It never crosses before there are keys (RFC 8446 §2, RFC 5246 §7.3): that they changed was not seen.
            self._data_shut = True
            self._seal(seen.side, moment)
            seen = replace(seen, plaintext=None)
        length = seen.passed if seen.plaintext is None else len(seen.plaintext)
        if self._run is None or self._run.side is not seen.side:
            self._end_run()
            self._run = _Run(seen, moment)
        self._run.add(seen, length, moment)
        if seen.passed is not None and seen.side not in self._inside_ended:
            self._inside.passed(seen.side, seen.passed)
        if seen.plaintext is not None:
            self._pass_on(seen.side, seen.plaintext, moment)

    def _pass_on(self, side: Side, plaintext: Buffer, moment: Moment) -> None:
        if self._telling.looking.plaintext is not None:
            self._telling.looking.plaintext(side, plaintext)
        if side not in self._inside_ended:
            self._inside.receive(side, plaintext, moment)

    def _end_run(self) -> None:
        if self._run is not None:
            self._telling.tell(self._run.item())
            self._run = None

    def _end_inside(self, side: Side, moment: Moment, *, clean: bool) -> None:
        if side not in self._inside_ended:
            self._inside_ended |= {side}
            self._inside.ended(side, moment, clean=clean)


def _as_datetime(moment: Moment) -> datetime:
    return datetime.fromtimestamp(moment.time // _NANOSECONDS, UTC)
