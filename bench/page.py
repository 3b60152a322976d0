"""How long one waits for the page, and how large a report is.

    python bench/page.py [--mib 96] [--rows 100000] [--conversations 100000] [--report-mib 1024]

First paint: from the start of `transom view` on a trace of so many MiB over HTTPS, until a Chromium that was running
before has drawn the conversation; and until all of it is read. The same of a capture of so many conversations, half of
them HTTP and half a ClientHello, until the first rows are there, and how long a filter takes in it. Filter: from a
keystroke's request to the answer, in the table of so many rows; and the first one apart, which makes what is searched.
Report: the size of `view -o` for that capture and for a trace of so many MiB, what it took of a processor, and its peak
of memory.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from programs import MIB, TRANSOM, Home, new_home, run, transom_get, transom_serve

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.real.browser import Page
from tests.real.chromium import chromium
from tests.web.many import capture, table

from transom.web.model.table import Query

NAME = "file.bin"
TYPED = ("h", "ho", "host-01", "host-0123", "tlsv1.2", ":4123", "no such")


def main() -> None:
    options = arguments()
    filter_time(options.rows)
    with new_home() as home:
        trace = traced(home, options.mib)
        paint, whole = opened(home, trace, "document.querySelector('transom-page')?.dataset.drawn")
        print(f"trace of {options.mib} MiB: first paint {paint:.2f} s, whole {whole:.2f} s")
        many = capture(home.path / "many.pcapng", options.conversations)
        rows, whole = opened(home, many, "document.querySelector('[data-conversation]')")
        print(f"capture of {options.conversations:,} conversations: first rows {rows:.2f} s, whole {whole:.2f} s")
        print(f"report of it: {reported(home, many)}")
        print(f"report, trace of {options.report_mib} MiB: {reported(home, traced(home, options.report_mib))}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=96, help="the file of the trace that is opened (default: 96)")
    parser.add_argument("--rows", type=int, default=100_000, help="conversations in the table (default: 100000)")
    parser.add_argument("--conversations", type=int, default=100_000, help="in the capture that is made (100000)")
    parser.add_argument("--report-mib", type=int, default=1024, help="the file of the trace reported (default: 1024)")
    return parser.parse_args()


def filter_time(count: int) -> None:
    made = table(count)
    begin = time.perf_counter()
    made.answer(Query(text="x"))
    first = time.perf_counter() - begin
    times: list[float] = []
    for text in TYPED:
        begin = time.perf_counter()
        made.answer(Query(text=text))
        times.append(time.perf_counter() - begin)
    spread = f"median {median(times) * 1000:.0f} ms, most {max(times) * 1000:.0f} ms"
    print(f"filter, {count:,} rows: {spread}, the first {first * 1000:.0f} ms")


def traced(home: Home, mib: int) -> Path:
    trace = home.path / "trace.pcapng"
    home.add_file(NAME, mib * MIB)
    with transom_serve(home) as server:
        transom_get(home, server.url("https", NAME), "--trace", str(trace))
    return trace


def opened(home: Home, trace: Path, drawn: str) -> tuple[float, float]:
    """Seconds until `drawn` is true in the page, and until the page has all."""
    store = home.path / f"chromium-{trace.stem}"
    store.mkdir()
    with chromium(store) as browser, browser.page() as page:
        page.resize(1280, 800)
        begin = time.perf_counter()
        command = [*TRANSOM, "view", str(trace), "--no-browser"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(os.environ)) as view:
            try:
                page.open((view.stdout.readline() if view.stdout else b"").decode().strip())
                page.wait_for(drawn)
                first = time.perf_counter() - begin
                while not page.evaluate("document.querySelector('transom-page').dataset.state === 'whole'"):
                    time.sleep(0.1)
                whole = time.perf_counter() - begin
                filtered(page)
                return first, whole
            finally:
                view.terminate()


def filtered(page: Page) -> None:
    """What the server takes for the filters that somebody types, in the capture that is open."""
    for text in ("h", "host-01", "no such"):
        begin = time.perf_counter()
        page.evaluate(f"fetch('api/conversations/with-keys?text={text}').then((answer) => answer.text())")
        print(f"  filter {text!r}: {(time.perf_counter() - begin) * 1000:.0f} ms")


def reported(home: Home, trace: Path) -> str:
    report = home.path / "report.html"
    _, ran = run([*TRANSOM, "view", str(trace), "-o", str(report)], home)
    took = ran(0.0)
    return f"{report.stat().st_size / 1024:,.0f} KiB, {took.processor:.1f} s of a processor, {took.peak:.0f} MiB"


if __name__ == "__main__":
    main()
