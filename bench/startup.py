"""How long the command line takes to begin, beside Python itself.

    python bench/startup.py [ROUNDS]

Each round runs every command once, one after another. Printed are the median in milliseconds, the median over the
rounds of its ratio to `python -c pass`, and how many modules it has imported when it ends.
"""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

PYTHON = [sys.executable, "-c"]
RUN = "import sys; sys.argv[1:] = {!r}; from transom.cli import main; main()"
STATEMENTS = {
    "python -c pass": [*PYTHON, "pass"],
    "python -I -S -c pass": [sys.executable, "-I", "-S", "-c", "pass"],
    "transom --help": [*PYTHON, RUN.format(["--help"])],
    "transom get --help": [*PYTHON, RUN.format(["get", "--help"])],
    "transom serve --help": [*PYTHON, RUN.format(["serve", "--help"])],
    "transom read --help": [*PYTHON, RUN.format(["read", "--help"])],
}
COUNTED = "; import sys; print(len(sys.modules), file=sys.stderr)"


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    for command in STATEMENTS.values():
        timed(command)  # to warm up: compiled and cached after this
    figures = [[timed(command) for command in STATEMENTS.values()] for _ in range(rounds)]
    print(f"Median of {rounds} rounds")
    print(f"{'':24}{'ms':>6}{'× python':>10}{'modules':>9}")
    for column, (title, command) in enumerate(STATEMENTS.items()):
        milliseconds = median(row[column] for row in figures) * 1000
        ratio = median(row[column] / row[0] for row in figures)
        print(f"{title:24}{milliseconds:6.0f}{ratio:10.2f}{modules(command):9}")


def timed(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def modules(command: list[str]) -> int:
    counted = [*command[:-1], command[-1] + COUNTED]
    ran = subprocess.run(counted, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return int(ran.stderr)


if __name__ == "__main__":
    main()
