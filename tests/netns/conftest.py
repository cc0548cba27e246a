# SPDX-License-Identifier: GPL-2.0-or-later
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from lab import Lab  # noqa: E402


@pytest.fixture
def lab(tmp_path):
    """The topology of lab.py; switchd is not started yet."""
    it = Lab(tmp_path)
    yield it
    it.close()


@pytest.fixture
def switchd(lab):
    """The topology with switchd running its built-in default network."""
    lab.start()
    return lab
