"""What is odd, as the page tells it: in every language, with what may not be told masked."""

from __future__ import annotations

from collections.abc import Sequence

from transom.capture.problems import Problem
from transom.dissect.json_lines import Line
from transom.errors import Sentence
from transom.web.model.mask import Masking
from transom.web.model.told import Narration

MOST_TOLD = 20
"""Of one file, told one by one."""


def finding_line(code: str, where: Sentence, what: Sentence, narration: Narration, masking: Masking) -> Line:
    """`told` says by language where and what."""
    place, said = narration.finding(where), narration.finding(what)
    told = {lang: f"{place[lang]}: {masking.quotation(said[lang])}" for lang in said}
    return {"code": code, "where": where, "what": masking.quotation(what), "told": told}


def file_findings(problems: Sequence[Problem], narration: Narration, masking: Masking) -> Line:
    """`problems` of the file as a whole, and how many more were left out."""
    told = [finding_line(one.code, one.where, one.what, narration, masking) for one in problems[:MOST_TOLD]]
    return {"problems": told, "problems_left_out": max(0, len(problems) - MOST_TOLD)}
