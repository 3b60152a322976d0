"""What `compare` is given: files, captures and URLs, and which of two is meant."""

from __future__ import annotations

import re
from typing import Literal

Which = Literal["a", "b"]


def is_url(target: str) -> bool:
    """Whether it is one by its looks; of what is none a file has the name."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", target) is not None
