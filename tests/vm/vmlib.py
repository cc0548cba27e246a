# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests in the machine share."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "netns"))
from lab import Lab, Refused, wait_for  # noqa: E402, F401


def still(guest, address, gateway):
    """A guest with a fixed address, as the tests of overlapping subnets need."""
    guest.run("ip", "addr", "add", address, "dev", "eth0")
    if gateway:
        guest.run("ip", "route", "add", "default", "via", gateway)
    return guest


@pytest.fixture
def lab(tmp_path):
    it = Lab(tmp_path)
    it.config("")
    yield it
    it.close()
