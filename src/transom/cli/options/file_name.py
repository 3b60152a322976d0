"""Names of files as people type them, or as a variable has them that is not set."""

from __future__ import annotations

import argparse
from pathlib import Path


def file_name(text: str) -> Path:
    """For argparse: an empty name would be this folder, of which nobody spoke."""
    if not text:
        raise argparse.ArgumentTypeError("'' names nothing: expected the name of a file")
    return Path(text)
