"""Somebody who is not root: whom root plays by setpriv, with the capabilities that the test gives them.

Who runs the tests without being root is that user already.
"""

from __future__ import annotations

import os

from tests.real.programs import program

NOBODY = 65534


def is_root() -> bool:
    return os.geteuid() == 0


def as_nobody(*capabilities: str) -> list[str]:
    """A prefix: another user, with no other capabilities than these.

    The other one is for files alone: the Python that runs the tests may lie where nobody but root may look.
    """
    if not is_root():
        return []
    them = ",".join(["-all", *(f"+{name}" for name in (*capabilities, "dac_read_search"))])
    options = (f"--inh-caps={them}", f"--ambient-caps={them}", f"--bounding-set={them}")
    return [program("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *options]
