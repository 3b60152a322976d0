from __future__ import annotations

import subprocess
import sys

import pytest

CHILD = """
import resource, sys
from transom.net.descriptors import room_for
soft, hard, connections = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
print(room_for(connections), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "connections", "room", "taken"),
    [
        (300, 300, 100, 100, 300),
        (100, 300, 100, 100, 264),  # each with a file, and 64 of the process
        (100, 200, 100, 100, 200),  # not each with a file
        (100, 150, 100, 86, 150),
        (40, 40, 100, 0, 40),
    ],
)
def test_descriptors_are_taken_as_far_as_the_system_allows(
    soft: int, hard: int, connections: int, room: int, taken: int
) -> None:
    command = [sys.executable, "-c", CHILD, *map(str, (soft, hard, connections))]
    assert subprocess.check_output(command, text=True).split() == [str(room), str(taken)]
