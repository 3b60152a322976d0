"""The whole story in seconds, no network needed: one file over HTTP, TLS 1.2 in two forms, and TLS 1.3.

A CA, a certificate and an 8 MiB file are made, the file is served on loopback and fetched four times, and a third
party on the path keeps every byte. Leaves trace.pcapng, which Wireshark opens decrypted, and report.html, a page for
the browser.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

from transom.capture.begin import is_free_for_a_trace
from transom.cli.crossings import is_opened, journey_of, rsa_keys
from transom.cli.demo_run import Demo, RecordedCrossing, cross_all, made_file
from transom.cli.options.file_name import file_name
from transom.cli.pages import Shown, open_page, write_report
from transom.cli.show.story import SentUp, Story
from transom.cli.show.terminal import DEFAULT_COLUMNS, Terminal
from transom.cli.traces import free_name, is_free_for_a_report, open_trace
from transom.cli.words import choose_language, words
from transom.dissect.captured import keys_for
from transom.dissect.flow import Flow
from transom.dissect.journey import Carried, Journey, Seen
from transom.dissect.recording import Recording
from transom.dissect.telling import Looking
from transom.dissect.timeline import HttpResponse, Item
from transom.errors import UsageError
from transom.tls.keys.keylog import KeyLog
from transom.wire.escape import escape

FILE_SIZE = 8 * 2**20
UPLOAD_SIZE = 64 * 2**10
TRACE = Path("trace.pcapng")
REPORT = Path("report.html")


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("--lang", metavar="LANG", help="en or ko (default: by the locale)")
    parser.add_argument("--trace", metavar="FILE", type=file_name, help=f"where to leave the trace (default: {TRACE})")
    parser.add_argument("--report", metavar="FILE", type=file_name, help=f"where to leave the page (default: {REPORT})")


def run(options: argparse.Namespace) -> int:
    """Make, serve, fetch, look, tell."""
    language = choose_language(options.lang, os.environ)
    trace = options.trace or free_name(TRACE, is_free_for_a_trace, "--trace")
    report = _report_name(options.report)
    with tempfile.TemporaryDirectory(prefix="transom-demo-") as folder:
        carried = made_file(Path(folder), "picture.bin", FILE_SIZE)
        upload = made_file(Path(folder), "reply.bin", UPLOAD_SIZE)
        demo = asyncio.run(cross_all(Path(folder), carried, upload))
    with open_trace(trace) as writer:
        for crossing in (*demo.downloads, demo.upload):
            for line in crossing.secrets:
                writer.secret(line.rstrip("\n"))
            crossing.recording.replay(writer.conversation())

    # The page checks chains by the demo's own CA, as its client did.
    looking = Looking(keys_for(trace, []), store=demo.store, hash_bodies=True)
    write_report(open_page(trace, looking, Shown(trace.name, language)), report)

    journeys = [_journey(crossing, demo) for crossing in demo.downloads]
    # Its columns stand beside each other: to fold one of them alone would leave a word a line.
    terminal = Terminal.on(sys.stdout, os.environ, at_least=DEFAULT_COLUMNS)
    text = words(language)
    Story(terminal, text, carried).tell(journeys, sent_up=_sent_up(demo, upload))
    terminal.line()
    terminal.line(text.say("demo.left", file=escape(str(trace))))
    terminal.line(text.say("demo.report", file=escape(str(report))))
    terminal.line(text.say("demo.next", file=escape(str(trace))))
    terminal.line(text.say("demo.language"))
    return 0


def _report_name(named: Path | None) -> Path:
    if named is None:
        return free_name(REPORT, is_free_for_a_report, "--report")
    if named.is_file() and not is_free_for_a_report(named):
        raise UsageError(
            "--report {path}: a file is there that is no report of ours; it is left as it is", path=escape(str(named))
        )
    return named


def _journey(crossing: RecordedCrossing, demo: Demo) -> Journey:
    """What two observers make of one crossing, and whether a third, with the server's key, can read it later."""
    with_keys = _look(crossing.recording, Looking(KeyLog("".join(crossing.secrets)), store=demo.store))
    without_keys = _look(crossing.recording, Looking(store=demo.store, hash_bodies=True))
    later = _look(crossing.recording, Looking(private_keys=rsa_keys(demo.identity)))
    return journey_of(crossing, with_keys, without_keys, is_opened(crossing.kind, later))


def _look(recording: Recording, looking: Looking) -> Seen:
    items: list[Item] = []
    flow = Flow(0, items.append, looking)
    recording.replay(flow)
    flow.finish()
    return Seen(tuple(items), flow.facts)


def _sent_up(demo: Demo, upload: Carried) -> SentUp:
    seen = _look(demo.upload.recording, Looking(KeyLog("".join(demo.upload.secrets))))
    status = next(item.status for item in seen.items if isinstance(item, HttpResponse))
    version = demo.upload.result.channel.version if demo.upload.result else None
    return SentUp(upload, (version or "").replace("TLSv", "TLS "), status, demo.upload.arrived_sha256)
