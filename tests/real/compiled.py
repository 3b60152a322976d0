"""Programs of `scripts` that have to be compiled: each is when it is first asked for, into a folder that is kept."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.real.programs import ENVIRONMENT, program

_SCRIPTS = Path(__file__).parent / "scripts"
JAVASSIST = "/usr/share/java/javassist.jar"
_LONGEST = 300
"""Seconds. Where Go brings no compiled libraries (since 1.20), they are compiled as well."""


def go_fetch(folder: Path) -> Path:
    """The program of fetch.go."""
    compiled = folder / "go" / "fetch"
    if not compiled.exists():
        _compile(["go", "build", "-o", str(compiled), str(_SCRIPTS / "fetch.go")], folder)
    return compiled


def java_fetch(folder: Path) -> Path:
    """The folder with the class of Fetch.java: a class path."""
    compiled = folder / "java"
    if not compiled.exists():
        _compile(["javac", "-d", str(compiled), str(_SCRIPTS / "Fetch.java")], folder)
    return compiled


def keys_agent(folder: Path) -> Path:
    """The jar of KeysAgent.java."""
    compiled, jar = folder / "agent", folder / "KeysAgent.jar"
    if not jar.exists():
        _compile(["javac", "-cp", JAVASSIST, "-d", str(compiled), str(_SCRIPTS / "KeysAgent.java")], folder)
        manifest = folder / "manifest"
        manifest.write_text(f"Premain-Class: KeysAgent\nClass-Path: {JAVASSIST}\n")
        _compile(["jar", "cfm", str(jar), str(manifest), "-C", str(compiled), "."], folder)
    return jar


def _compile(words: list[str], folder: Path) -> None:
    alone = {"GOCACHE": str(folder / "cache"), "GOTOOLCHAIN": "local", "GOPROXY": "off"}
    environment = {**ENVIRONMENT, **alone}
    done = subprocess.run(
        [program(words[0]), *words[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=_LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
