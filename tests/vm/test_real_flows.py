# SPDX-License-Identifier: GPL-2.0-or-later
"""tests/netns/test_flows.py on Debian's kernel, with more packets to a rule set: each start takes its time there."""
import pytest
from vmlib import lab  # noqa: F401  (it makes tests/netns known)
from test_flows import compare, world  # noqa: F401


@pytest.mark.parametrize("seed", range(21, 23))
def test_rules_count_what_the_reference_says(world, seed):  # noqa: F811
    compare(world, seed, 600)
