"""Outlives the emulator by a moment, and ends the process groups that it left behind, also when it was killed.

Each line of the input is `+` or `-` and the id of a group that began or ended; the input closes with the emulator.
"""

import os
import signal
import sys
from contextlib import suppress

groups = set()
for line in sys.stdin:
    (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
for group in groups:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
