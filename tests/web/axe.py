"""axe-core, which finds what shuts people out of a page: it runs inside the page, and nothing of it is ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.real.browser import Page

SOURCE = Path(__file__).parents[2] / ".venv/node/node_modules/axe-core/axe.min.js"


def faults(page: Page) -> list[str]:
    """What it finds in the page as it is: the rule, what is wrong, and where."""
    if not page.evaluate("'axe' in window"):
        # The page's policy does not bind what is put in from outside.
        page.evaluate(f"(() => {{ {SOURCE.read_text('utf-8')}\n }})()")
    found: list[Any] = page.evaluate(
        "axe.run(document, { resultTypes: ['violations'] }).then((found) => found.violations)"
    )
    return [_told(fault, node) for fault in found for node in fault["nodes"]]


def _told(fault: Any, node: Any) -> str:
    return f"{fault['id']}: {node['html'][:200]}: {' '.join(node['failureSummary'].split())}"
