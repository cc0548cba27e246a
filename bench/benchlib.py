# SPDX-License-Identifier: GPL-2.0-or-later
"""What the benches share: the test bed of tests/netns with a stop-watch, CPU time, medians and tables."""
import contextlib
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
os.environ.setdefault("VNET_BUILD", str(ROOT / "build" / "release"))
sys.path.insert(0, str(ROOT / "tests" / "netns"))
from lab import BUILD, Lab, Namespace, wait_for  # noqa: E402,F401

SWITCHD = BUILD / "switchd" / "switchd"
TOOLS = BUILD / "bench"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", 3))
LINK_GROUP = 0x766e


@contextlib.contextmanager
def folder():
    """A temporary folder that the unprivileged services may search too."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="vnet-bench."))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def bed():
    """The topology of tests/netns/lab.py with a stop-watch on the daemon."""
    with folder() as path:
        lab = Bed(path)
        try:
            yield lab
        finally:
            lab.close()


class Bed(Lab):
    def start_timed(self, *wanted):
        """Start the daemon; seconds from its execution until it has said each of the wanted lines, by line."""
        self.starts += 1
        seen, log = {}, open(self.folder / f"switchd.{self.starts}.log", "w")
        done = threading.Event()
        begin = time.monotonic()
        self.daemon = self.host.start(SWITCHD, *self.options(), stdout=-1, stderr=-2, text=True)

        def read(pipe):
            for line in pipe:
                now = time.monotonic() - begin
                log.write(line)
                log.flush()
                for word in wanted:
                    if word in line and word not in seen:
                        seen[word] = now
                        self.said = line
                if len(seen) == len(wanted):
                    done.set()
            done.set()
        threading.Thread(target=read, args=(self.daemon.stdout,), daemon=True).start()
        assert done.wait(300) and len(seen) == len(wanted), f"switchd did not get there: {self.log[-2000:]}"
        return seen

    def forget(self):
        """Journal, rollback points and leases."""
        shutil.rmtree(self.folder / "state", ignore_errors=True)

    def teardown(self):
        self.host.run(SWITCHD, *self.options(), "--teardown", timeout=300)

    def pids(self):
        return [self.daemon.pid, *self.service_pids("dhcp"), *self.service_pids("dns")]


def seconds(function, *arguments):
    begin = time.monotonic()
    function(*arguments)
    return time.monotonic() - begin


def cpu_us(*pids):
    """CPU time of all threads of the processes, in microseconds."""
    total = 0
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1000


def user_us(*pids):
    """CPU time of them in user mode, in microseconds, by the kernel's ticks."""
    ticks = sum(int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11]) for pid in pids)
    return ticks * 1e6 / os.sysconf("SC_CLK_TCK")


def pss_kib(*pids):
    total = 0
    for pid in pids:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total


def interleave(functions, rounds=ROUNDS):
    """Call every function once per round, in turn; the median of each of their results, by name.

    A result is a number or a dict of numbers.
    """
    results = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            results[name].append(function())
    return {name: median(got) for name, got in results.items()}


def median(results):
    if isinstance(results[0], dict):
        return {key: statistics.median(r[key] for r in results) for key in results[0]}
    return statistics.median(results)


def number(value):
    """Three significant digits, thousands separated."""
    if isinstance(value, str):
        return value
    if value == int(value) and abs(value) < 1e15 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(title, columns, rows):
    """A table that reads well on a terminal and in Markdown."""
    cells = [[number(c) for c in row] for row in rows]
    widths = [max(len(r[i]) for r in [columns, *cells]) for i in range(len(columns))]
    print(f"\n### {title}\n")
    for r in [columns, None, *cells]:
        if r is None:
            line = ["-" * (w + 1) + (":" if i else "-") for i, w in enumerate(widths)]
            print("|" + "|".join(line) + "|")
        else:
            line = [c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(r, widths))]
            print("| " + " | ".join(line) + " |")
    sys.stdout.flush()


def ratio(ours, theirs):
    return f"{ours / theirs:.2f}×" if theirs else "–"
