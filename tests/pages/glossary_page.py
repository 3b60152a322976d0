"""The glossary as two pages, from the entries that the program carries."""

from __future__ import annotations

from pathlib import Path

from transom.cli.words import Lang
from transom.cli.words.glossary import Term, glossary

_DOCS = Path(__file__).parents[2] / "docs"
PAGES: dict[Lang, Path] = {"en": _DOCS / "glossary.md", "ko": _DOCS / "ko/glossary.md"}

_HEADS: dict[Lang, str] = {
    "en": """# Glossary

The words of this field as Transom uses them, with their Korean ones ([한국어](ko/glossary.md)). Messages, extensions
and suites keep their names from the RFCs in either language.
""",
    "ko": """# 용어집

Transom이 쓰는 이 분야의 말과 그 영어([English](../glossary.md))입니다. 메시지와 확장과 암호 스위트의 이름은 RFC에 적힌
그대로 씁니다. 도청은 듣기만 하는 것이고 중간자는 서버 대신 답하는 것이므로 섞어 쓰지 않습니다. 인증은
authentication의 뜻으로만 쓰고, certificate authority는 인증 기관이며 CA라고 적습니다.
""",
}
_COLUMNS: dict[Lang, str] = {"en": "| English | Korean | |", "ko": "| 한국어 | 영어 | 뜻 |"}


def write_page(lang: Lang) -> str:
    """The page of a language."""
    lines = ["<!-- tools/docs writes this page from src/transom/cli/words/glossary.toml. -->", "", _HEADS[lang]]
    for group in glossary():
        lines += [f"## {group.title[lang]}", "", _COLUMNS[lang], "|---|---|---|"]
        lines += [f"| {' | '.join(_cells(term, lang))} |" for term in group.terms]
        lines.append("")
    return "\n".join(lines)


def _cells(term: Term, lang: Lang) -> tuple[str, str, str]:
    korean = f"{term.korean} ({term.gloss})" if term.gloss else term.korean
    names = (term.english, korean) if lang == "en" else (korean, term.english)
    return (*names, term.means[lang])
