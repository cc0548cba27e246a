# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration model, by instruction count: these figures do not depend on what else the machine does."""
import re
import subprocess

import benchlib as b

SIZES = [(100, 1000), (1000, 10000)]
COMMITS = 100
BAR = 0.5


def instructions(*words):
    """Millions of instructions that the program executes, system calls not counted."""
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *map(str, words)],
                          capture_output=True, text=True, check=True, timeout=600)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1]) / 1e6


def run():
    rows, tool = [], b.TOOLS / "bench_model"
    for networks, forwards in SIZES:
        text = subprocess.run([tool, "print", str(networks), str(forwards)], capture_output=True, check=True).stdout
        lines = text.count(b"\n")
        make = instructions(tool, "print", networks, forwards)
        load = instructions(tool, "load", networks, forwards)
        commit = (instructions(tool, "commit", networks, forwards) - load) / COMMITS
        rows.append([f"{networks:,} networks, {forwards:,} forwards", lines, load - make, (load - make) * 1e3 / lines,
                     commit, f"{commit / BAR:.2f}×"])
    b.table("model: millions of instructions",
            ["configuration", "lines", "load all", "load a line, thousands", "one-line commit", f"to the bar, {BAR}"],
            rows)
