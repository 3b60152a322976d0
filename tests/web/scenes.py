"""The scenes of the page that are looked at: each a state of the page of some capture, and what is done to it there."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import get_args

from tests.dissect.told import ZEEK
from tests.real.browser import Page
from tests.web.chains import chain_trace, changed, rsa_chain
from tests.web.many import capture as many
from tests.web.model.test_reader import page_of
from tests.web.pages import demo_trace, opened, served, serving
from tests.web.refusals import refusals, refused
from tests.web.seldom import seldom
from tests.web.streams import streams
from tests.web.talk import talk
from transom.capture.growth import Growth
from transom.capture.write import TraceWriter
from transom.tls.keys.keylog import KeyLog
from transom.web.model.opened import Kind
from transom.web.report import report

SIZES = {"desktop": (1280, 800), "phone": (360, 740), "projector": (1920, 1080), "beamer": (1280, 720)}
READERS = ("desktop", "phone")
CLASS = ("projector", "beamer", *READERS)


def _nothing(page: Page) -> None: ...


@dataclass(frozen=True)
class Scene:
    """`state` is what stands in the address; `done` what is done to the page where no address leads."""

    state: str
    done: Callable[[Page], object] = _nothing
    sizes: tuple[str, ...] = READERS


def _presented(state: str, *more: str) -> Scene:
    def present(page: Page) -> None:
        page.press("p")
        for key in more:
            page.press(key)

    return Scene(state, present, CLASS)


def _script(expression: str) -> Callable[[Page], object]:
    return lambda page: page.evaluate(expression)


_TO_SUITE = _script(
    "[...document.querySelectorAll('field-tree li')].find(row => row.textContent.startsWith('Cipher Suite'))"
    "?.scrollIntoView({block: 'center'})"
)
_TO_LAST_ROW = _script("[...document.querySelectorAll('button.row')].at(-1).scrollIntoView()")
_SHOW_ALL = _script("document.querySelectorAll('[role=tabpanel] details').forEach(one => { one.open = true; })")
_SHOW_KEYS = _script("document.querySelectorAll('.secret .reveal').forEach(one => one.click())")
_TO_GLOSSARY = _script(
    "[...document.querySelectorAll('.glossary details')].slice(0, 2).forEach(one => { one.open = true; }), "
    "document.querySelector('.glossary').scrollIntoView()"
)
_TO_HASHES = _script("document.querySelector('.hashes').scrollIntoView({block: 'center'})")
_CHOOSE_FIELD = _script(
    "[...document.querySelectorAll('field-tree li')].find(row => row.textContent.startsWith('Random'))?.click()"
)
_DEEPER = _script("document.querySelectorAll('step-view details').forEach(one => { one.open = true; })")


def _on_paper(page: Page) -> None:
    page.resize(720, 1000)
    page.lay_out_for("print")


DEMO: Mapping[str, Scene] = {
    "first": Scene("#"),
    "server-hello": Scene("#step=s0"),
    "deeper": Scene("#c=1&step=s0", _DEEPER),
    "field-and-bytes": Scene("#c=1&step=s0", _CHOOSE_FIELD),
    "finished": Scene("#step=c194&tab=leaks"),
    "without-keys": Scene("#view=without-keys&step=c194"),
    "http": Scene("#c=0&step=a0"),
    "tls13": Scene("#c=3&step=s133"),
    "before": Scene("#c=1&step=before"),
    "before-without-keys": Scene("#c=3&view=without-keys&step=absent-5"),
    "static-rsa": Scene("#c=2&step=absent-4"),
    "upload": Scene("#c=4"),
    "sealed-records": Scene("#c=3&view=without-keys&step=s133"),
    "taken-apart": Scene("#c=1&step=s0", _TO_SUITE),
    "present": _presented("#c=1&step=s0"),
    "present-sealed": _presented("#c=3&view=without-keys&step=s133"),
    "present-opened": _presented("#c=1&step=c194"),
    "present-walked": _presented("#c=1&step=c0", "ArrowRight", "ArrowRight"),
    "present-before": _presented("#c=1&step=before"),
    "help": Scene("#c=1", lambda page: page.press("?")),
    "to-scale": Scene("#c=1&scale=on"),
    "to-scale-later": Scene("#c=1&scale=on", _TO_LAST_ROW),
    "packets": Scene("#c=1&packets=on"),
    "packets-later": Scene("#c=1&packets=on", _TO_LAST_ROW),
    "table": Scene("#list=open"),
    "table-beside": Scene("#c=1&list=open"),
    "tab-follow": Scene("#c=3&tab=follow"),
    "tab-follow-sealed": Scene("#c=3&tab=follow&view=without-keys"),
    "tab-follow-hex": Scene("#c=3&tab=follow&view=without-keys&as=hex"),
    "tab-follow-raw": Scene("#c=1&tab=follow&as=raw"),
    "tab-follow-further": Scene("#c=1&tab=follow&from=1.16384&beside=none"),
    "tab-follow-beside": Scene("#c=0&beside=3&tab=follow"),
    "tab-compare": Scene("#c=0&beside=3&tab=compare"),
    "tab-compare-versions": Scene("#c=1&beside=3&tab=compare"),
    "tab-http": Scene("#c=1&tab=http", _SHOW_ALL),
    "tab-http-sealed": Scene("#c=3&tab=http&view=without-keys"),
    "tab-files": Scene("#c=0&tab=files"),
    "tab-files-sealed": Scene("#c=1&tab=files&view=without-keys"),
    "tab-packets": Scene("#c=1&tab=packets"),
    "tab-time": Scene("#c=1&tab=time"),
    "tab-certificates": Scene("#c=1&tab=certificates"),
    "tab-certificates-hidden": Scene("#c=3&tab=certificates&view=without-keys"),
    "tab-keys": Scene("#c=2&tab=keys"),
    "tab-keys-tls13": Scene("#c=3&tab=keys"),
    "tab-keys-none": Scene("#c=1&tab=keys&view=without-keys"),
    "tab-leaks": Scene("#c=1&tab=leaks&view=without-keys"),
    "tab-leaks-open": Scene("#c=0&tab=leaks&view=without-keys"),
    "tab-corrections": Scene("#c=1&tab=corrections"),
    "glossary": Scene("#c=1&tab=corrections", _TO_GLOSSARY),
    "on-paper": Scene("#c=1&step=s0&tab=certificates", _on_paper, ("desktop",)),
}
"""Of what `transom demo` leaves."""

SECRETS = {
    "tab-keys-shown": Scene("#c=2&tab=keys", _SHOW_KEYS),
    "tab-keys-shown-tls13": Scene("#c=3&tab=keys", _SHOW_KEYS),
}
STREAMS = {
    "http2-http": Scene("#c=0&tab=http"),
    "http2-files": Scene("#c=0&tab=files"),
    "http2-follow": Scene("#c=0&tab=follow"),
    "http2-step": Scene("#c=0&step=s2175&tab=time"),
    "http2-sealed": Scene("#c=0&tab=http&view=without-keys"),
}
LONG = {
    "folded": Scene("#c=0&step=q20"),
    "folded-first": Scene("#"),
    "folded-packet": Scene("#c=0&tab=packets&packet=200"),
    "folded-presented": _presented("#c=0&step=q20"),
}
MANY = {"many": Scene("#"), "many-filtered": Scene("#text=host-0001"), "many-cut-off": Scene("#c=100")}
SELDOM = {
    "seldom-holes": Scene("#c=0&tab=files"),
    "seldom-stall": Scene("#c=0&tab=time"),
    "seldom-picture": Scene("#c=1&tab=files", _SHOW_ALL),
    "seldom-ech": Scene("#c=2&tab=leaks"),
}
CHAIN = {"rsa-chain": Scene("#c=0&tab=certificates", _TO_HASHES)}
CHANGED_CHAIN = {"rsa-chain-changed": Scene("#c=0&tab=certificates", _TO_HASHES)}
REFUSALS = {
    "refusals": Scene("#list=open"),
    "refusals-untrusted": Scene("#c=1"),
    "refusals-untrusted-without-keys": Scene("#c=1&view=without-keys"),
    "refusals-alert": Scene("#c=2&step=s0"),
    "refusals-compared": Scene("#c=0&beside=2&tab=compare"),
    "refusals-certificates": Scene("#c=1&tab=certificates"),
}
THEIRS = {
    "chrome-1250-tls-x25519-kyber.pcap": {"post-quantum": Scene("#c=0&step=s0", _DEEPER)},
    "client-certificate.pcap": {"client-certificate": Scene("#c=0&tab=certificates")},
    "smtp-starttls.pcap": {"weak": Scene("#c=0&tab=certificates")},
    "tls13_psk_succesfull.pcap": {"resumed": Scene("#c=0&tab=certificates")},
    "hrr.pcap": {"retry": Scene("#c=0")},
    "tls-early-alert.pcap": {"warned": Scene("#"), "warned-step": Scene("#c=0&step=s0")},
    "basic-auth-with-colon.pcap": {"login": Scene("#c=0&tab=http", _SHOW_ALL)},
}
"""Of captures of others, by file."""

REFUSED = {"refused": Scene("#"), "refused-table": Scene("#list=open")}
EMPTY = {"empty": Scene("#")}
DAMAGED = {"damaged": Scene("#"), "damaged-table": Scene("#list=open")}
UNDER_WAY = {"under-way": Scene("#c=1")}

Opening = Callable[[Path], AbstractContextManager[str]]
"""Leads to the address of a page, with an empty folder for what it is made of."""


def sources() -> list[tuple[Opening, Mapping[str, Scene]]]:
    """Every page that there are scenes of."""
    kinds: tuple[Kind, ...] = get_args(Kind)
    return [
        (_live(demo_trace), DEMO),
        (_live(demo_trace, "with-secrets"), SECRETS),
        (_live(lambda made: streams(made / "visit.pcapng")), STREAMS),
        (_live(lambda made: talk(made / "long.pcapng", 150)), LONG),
        (_live(lambda made: many(made / "many.pcapng", 500)), MANY),
        (_live(lambda made: seldom(made / "seldom.pcapng")), SELDOM),
        (_live(_chain), CHAIN),
        (_live(_changed_chain), CHANGED_CHAIN),
        (_live(refusals), REFUSALS),
        (_live(lambda made: refused(made / "refused.pcap")), REFUSED),
        *((_theirs(file), scenes) for file, scenes in THEIRS.items()),
        (_live(_empty), EMPTY),
        (_live(_damaged), DAMAGED),
        *((partial(_file, kind=kind), {f"report-{kind}": Scene("#c=3")}) for kind in kinds),
        (_under_way, UNDER_WAY),
    ]


def _live(make: Callable[[Path], Path], kind: Kind = "masked") -> Opening:
    """The live page of what is made in the folder."""
    return lambda folder: served(make(folder), kind)


def _theirs(file: str) -> Opening:
    return _live(lambda _: ZEEK / file)


def _chain(made: Path) -> Path:
    leaf, ca = rsa_chain()
    return chain_trace(made / "chain.pcapng", leaf.der, ca.der, of=leaf)


def _changed_chain(made: Path) -> Path:
    leaf, ca = rsa_chain()
    return chain_trace(made / "changed.pcapng", changed(leaf), ca.der, of=leaf)


def _empty(made: Path) -> Path:
    with TraceWriter(made / "empty.pcapng", "tests"):
        return made / "empty.pcapng"


def _damaged(made: Path) -> Path:
    """A file that ends in the middle of a block."""
    whole = demo_trace(made).read_bytes()
    (made / "damaged.pcapng").write_bytes(whole[: len(whole) * 3 // 8 + 1])
    return made / "damaged.pcapng"


@contextmanager
def _file(made: Path, kind: Kind) -> Generator[str]:
    """The report of what `transom demo` leaves, whose first line says which it is."""
    file = made / f"{kind}.html"
    file.write_text(report(opened(demo_trace(made), kind)), "utf-8")
    yield file.as_uri()


@contextmanager
def _under_way(made: Path) -> Generator[str]:
    """The live page of what `demo` does while its second download is under way."""
    path, demo = made / "under-way.pcapng", demo_trace(made)
    path.write_bytes(demo.read_bytes()[: demo.stat().st_size * 3 // 8])
    keys = KeyLog()
    growth = Growth(keys.receive)
    with serving(page_of(path, growth, keys)) as address:
        yield address
    growth.over = True
