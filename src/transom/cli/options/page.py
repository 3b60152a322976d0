"""What a page may be asked for: a file of it, all its secrets, no browser."""

from __future__ import annotations

import argparse

from transom.cli.options.file_name import file_name


def add_page_options(parser: argparse.ArgumentParser) -> None:
    """`--output`, `--include-secrets`, `--no-browser`."""
    page = parser.add_argument_group("the page")
    page.add_argument(
        "-o", "--output", metavar="FILE", type=file_name, help="write the page as one file, serve nothing"
    )
    page.add_argument(
        "--include-secrets", action="store_true", help="do not mask passwords, cookies and keys, in page or file"
    )
    page.add_argument("--no-browser", action="store_true", help="print the address and open no browser")
