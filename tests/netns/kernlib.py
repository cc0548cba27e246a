# SPDX-License-Identifier: GPL-2.0-or-later
"""kern_tool and nft in network namespaces of their own."""
import os
import pathlib
import re
import shlex
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("VNET_BUILD", ROOT / "build" / "check"))
TOOL = os.environ.get("KERN_TOOL", str(BUILD / "tests" / "kern" / "kern_tool"))


def isolated(script, **variables):
    """Run a shell script in a new network namespace; $TOOL is kern_tool."""
    script = script.replace("$TOOL", shlex.quote(TOOL))
    return subprocess.run(["unshare", "-n", "sh", "-c", script], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **variables})


def write(path, lines):
    path.write_text("".join(line + "\n" for line in lines))
    return str(path)


def plain(ruleset):
    """A ruleset without what may differ between two equal ones: the order in which sets and verdicts were met."""
    def ordered(match):
        parts = sorted(part.strip() for part in match[1].split(","))
        return "{ " + ", ".join(parts) + " }"
    return re.sub(r"\{([^{}\n]*)\}", ordered, ruleset)
