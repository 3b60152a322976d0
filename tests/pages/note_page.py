"""The page that answers the study note: its template, filled with sentences of the catalogue and the output of a run.

In the template `{say KEY}` is a sentence of the Korean catalogue. A fenced block of `run` is a command and what is to
be shown of its output: all of it, or for each line `@ FROM || UNTIL` the lines from the first that matches FROM up to
the next that matches UNTIL; `@within FROM || UNTIL` narrows down where to look first. `file NAME` is a file that a
command needs, `run setup` is what is run before everything else.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.pages.note_run import NoteRun, note_run
from transom.cli.words import words

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/ko/http-and-https.md"
TEMPLATE = PAGE.with_suffix(".md.in")
HEAD = "<!-- tools/docs writes this page from http-and-https.md.in and a run of the program. -->\n\n"
ELISION = "⋮"

_BLOCK = re.compile(r"^```(run setup|run|file (?P<name>\S+))\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)


def write_page(base: Path) -> str:
    """The page of a new run, made in a new folder beneath `base`."""
    template = TEMPLATE.read_text("utf-8")
    with note_run(base) as run:
        for block in _BLOCK.finditer(template):
            if block["name"]:
                run.write(block["name"], block["body"])
            elif block[1] == "run setup":
                run.set_up(block["body"].splitlines())
        return HEAD + _BLOCK.sub(lambda block: _filled(block, run), said(template))


def said(template: str) -> str:
    """The template with the catalogue's sentences in their places."""
    return re.sub(r"\{say ([\w.]+)\}", lambda found: words("ko").say(found[1]), template)


def prose(page: str) -> list[str]:
    """The lines of a page or a template outside of its blocks."""
    return re.sub(r"^```.*?^```$", "", page.removeprefix(HEAD), flags=re.DOTALL | re.MULTILINE).splitlines()


def outputs(page: str) -> list[str]:
    """What stands in the blocks of output of a page, each with its command."""
    return re.findall(r"^```text\n(\$ .*?)^```$", page, re.DOTALL | re.MULTILINE)


def _filled(block: re.Match[str], run: NoteRun) -> str:
    if block["name"]:
        return f"```python\n{block['body']}```"
    if block[1] == "run setup":
        return f"```sh\n{block['body']}```"
    command, *selectors = block["body"].removeprefix("$ ").splitlines()
    command = _with_values(command, run)
    shown = _selected(run.output(command).rstrip().splitlines(), selectors)
    return "\n".join(["```text", f"$ {command}", *shown, "```"])


def _selected(lines: list[str], selectors: list[str]) -> list[str]:
    """The chosen lines, with a mark where some are left out."""
    excerpts: list[tuple[int, int]] = []
    first, last = 0, len(lines)
    for selector in selectors:
        how, _, patterns = selector.partition(" ")
        begins, ends = patterns.split(" || ")
        start = _find(begins, lines, first, last)
        assert start is not None, f"no line matches {begins!r}"
        end = _find(ends, lines, start + 1, last)
        if how == "@within":
            first, last = start, last if end is None else end
        else:
            first = last if end is None else end
            excerpts.append((start, first))
    shown: list[str] = []
    before = 0
    for start, end in excerpts or [(first, last)]:
        shown += [ELISION] * (start > before) + lines[start:end]
        before = end
    return shown + [ELISION] * (before < len(lines))


def _find(pattern: str, lines: list[str], first: int, last: int) -> int | None:
    return next((number for number in range(first, last) if re.search(pattern, lines[number])), None)


def _with_values(command: str, run: NoteRun) -> str:
    """Secrets and randoms of the second run's TLS conversation, where a command names them."""
    if "{" not in command:
        return command
    _, client_random, master_secret = run.output("grep -a -o 'CLIENT_RANDOM [0-9a-f ]*' both.pcapng").split()
    tree = run.output("transom read --tree --cacert ca.pem both.pcapng --lang ko")
    told, server_random = re.findall(r"^ +Random: (\w+)$", tree, re.MULTILINE)
    assert told == client_random
    return command.format(client_random=client_random, master_secret=master_secret, server_random=server_random)
