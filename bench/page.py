"""How long one waits for the page, and how large a report is.

    python bench/page.py [--mib 96] [--rows 100000] [--report-mib 1024]

First paint: from the start of `transom view` on a trace of so many MiB over HTTPS, until a Chromium that was running
before has drawn the conversation. Filter: from a keystroke's request to the answer, in the table of so many rows; and
the first one apart, which makes what is searched. Report: the size of `view -o` for a trace of so many MiB.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from programs import MIB, TRANSOM, Home, new_home, transom_get, transom_serve

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.real.chromium import chromium
from tests.web.many import table

from transom.web.model.table import Query

NAME = "file.bin"
TYPED = ("h", "ho", "host-01", "host-0123", "tlsv1.2", ":4123", "no such")


def main() -> None:
    options = arguments()
    filter_time(options.rows)
    with new_home() as home:
        trace = traced(home, options.mib)
        print(f"first paint, trace of {options.mib} MiB: {first_paint(home, trace):.2f} s")
        trace = traced(home, options.report_mib)
        print(f"report, trace of {options.report_mib} MiB: {report_size(home, trace) / 1024:,.0f} KiB")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=96, help="the file of the trace that is opened (default: 96)")
    parser.add_argument("--rows", type=int, default=100_000, help="conversations in the table (default: 100000)")
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


def first_paint(home: Home, trace: Path) -> float:
    store = home.path / "chromium"
    store.mkdir()
    with chromium(store) as browser, browser.page() as page:
        page.resize(1280, 800)
        begin = time.perf_counter()
        command = [*TRANSOM, "view", str(trace), "--no-browser"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(os.environ)) as view:
            try:
                page.open((view.stdout.readline() if view.stdout else b"").decode().strip())
                page.wait_for("document.querySelector('transom-page')?.dataset.drawn")
                return time.perf_counter() - begin
            finally:
                view.terminate()


def report_size(home: Home, trace: Path) -> int:
    report = home.path / "report.html"
    subprocess.run([*TRANSOM, "view", str(trace), "-o", str(report)], check=True, stderr=subprocess.DEVNULL)
    return report.stat().st_size


if __name__ == "__main__":
    main()
