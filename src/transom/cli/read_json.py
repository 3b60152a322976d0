"""`read --json`: the lines of each conversation as things happen in it, its summary when it is over."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from transom.capture.conversation import CaptureSummary
from transom.cli.conversation_lines import ConversationLines
from transom.dissect.captured import observe_capture
from transom.dissect.json_lines import Line, encode, problem_line
from transom.dissect.telling import Looking
from transom.dissect.timeline import Listener


def write_json(path: Path, looking: Looking, stream: TextIO) -> CaptureSummary:
    """Write every line of the capture to `stream`."""

    def write(line: Line) -> None:
        stream.write(encode(line) + "\n")

    tellers: dict[int, ConversationLines] = {}

    def listener_for(number: int) -> Listener:
        tellers[number] = ConversationLines(number, write)
        return tellers[number].take

    summary = observe_capture(path, looking, listener_for, over=lambda facts: tellers.pop(facts.number).end(facts))
    for problem in summary.problems:
        write(problem_line(None, problem.code, problem.where, problem.what))
    return summary
