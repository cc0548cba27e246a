# SPDX-License-Identifier: GPL-2.0-or-later
"""What checking and planning cost, by instruction count, on a simulated kernel: see plan.c."""
import benchlib as b
from bench_model import instructions

SIZES = [(10, 100), (1000, 10000)]
COMMITS = 50
KINDS = {"mtu": "the MTU of a network", "forward": "where a forward leads", "route": "the distance of a route",
         "network": "one more network with a VRF"}


def run():
    rows, tool = [], b.TOOLS / "bench_plan"
    for networks, forwards in SIZES:
        start = instructions(tool, "start", networks, forwards)
        rows.append([f"start with {networks:,} networks, {forwards:,} forwards", start])
        for kind, what in KINDS.items():
            rows.append([f"… then a commit of {what}",
                         (instructions(tool, kind, networks, forwards) - start) / COMMITS])
    b.table("plan: millions of instructions", ["what", "instructions"], rows)
