# SPDX-License-Identifier: GPL-2.0-or-later
"""What VyOS' smoketests expect to stand on one line of its nft listing stands in one rule, or one way through rules,
of what vnet would do for the same configuration. Both are brought to the same words first; nothing is carried out, so
that no feature of this kernel is missed.

The cases are data outside this repository, ../shared/corpus/vyos; without it these tests are skipped.
"""
import json
import re

import pytest
from test_vyos import CORPUS, WITHOUT, imported, vnet  # noqa: F401

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason=f"there is no {CORPUS}")

KINDS = {"N": "network-group", "A": "address-group", "A6": "ipv6-address-group", "N6": "ipv6-network-group",
         "P": "port-group", "M": "mac-group", "I": "interface-group"}

# Chains of VyOS and what they are here.
CHAINS = [(r"VYOS_(?:IPV6_)?(FORWARD|INPUT|OUTPUT)_filter", lambda m: f"filter-{m[1].lower()}"),
          (r"VYOS_STATE_POLICY6?", "firewall-state"), (r"NAME6?_([\w-]+)", r"fw-\1"),
          (r"VYOS_ZONE_FORWARD", "firewall-zone"), (r"VYOS_ZONE_LOCAL", "firewall-zone-in"),
          (r"VYOS_ZONE_OUTPUT", "firewall-zone-out")]

# Lines without a counterpart, and why; doc/vyos-compat.md says more.
OTHERWISE = [(r"VYOS_(PRE|POST)_[SD]NAT_HOOK", "a hook for rules of users: other tables are theirs"),
             (r"^(accept|return)$", "connections are always tracked: nothing turns it on"),
             (r"^elements = |^192\.0\.2\.10, ", "members are compared where a rule names the group"),
             (r"^set [A-Z]6?_", "a group's set is named by the rules that use it, or not needed"),
             (r"priority filter \+ 1", "zones are judged in chains of their own, after the rules"),
             (r"VZONE_", "zones are looked up by both interfaces; the rules between them are compared"),
             (r"smoketest-state default-action drop", "the default has a comment of other words")]


def group_members(config, name):
    """Of the group that VyOS' set is made of: "A_web"."""
    prefix, _, name = name.partition("_")
    words = [line.split() for line in config]
    of = lambda group: [w for w in words if w[:4] == ["set", "firewall", "group", KINDS[prefix]] and w[4] == group]
    values = [w[6] for w in of(name) if w[5] != "include"]
    return values + [w[6] for i in of(name) if i[5] == "include" for w in of(i[6]) if w[5] != "include"]


def braces(values):
    values = sorted(set(values))
    return values[0] if len(values) == 1 else "{ " + ", ".join(values) + " }"


def flags(names):
    return sum(1 << ["fin", "syn", "rst", "psh", "ack", "urg"].index(name) for name in names.split(","))


def hashed(fields):
    return "jhash " + " . ".join(sorted(re.sub(r"tcp (?=[sd]port)", "th ", fields).split(" . "))) + " mod"


def plain(text):
    """Sets in order, numbers decimal, and words that mean the same."""
    text = re.sub(r"0x[0-9a-f]+", lambda m: str(int(m[0], 16)), text)
    text = re.sub(r"l4proto (gre|icmp)\b", lambda m: f"l4proto { {'gre': 47, 'icmp': 1}[m[1]] }", text)
    text = re.sub(r"tcp flags (\S+) / (\S+)", lambda m: f"tcp flags & {flags(m[2])} == {flags(m[1])}", text)
    text = re.sub(r"tcp flags & ([a-z,]+) == ([a-z,]+)",
                  lambda m: f"tcp flags & {flags(m[1])} == {flags(m[2])}", text)
    text = re.sub(r"\baf21\b", "18", text)
    text = re.sub(r"\{ ((?:[^{}:,]+, )+[^{}:,]+) \}", lambda m: braces(m[1].split(", ")), text)
    text = re.sub(r"(ct state|status) ((?:\w+,)+\w+)", lambda m: f"{m[1]} {braces(m[2].split(','))}", text)
    text = re.sub(r'"([\w.*-]+)"', r"\1", text)
    text = re.sub(r"jhash ([\w. ]+) mod", lambda m: hashed(m[1]), text)
    for old, new in ((r'(\]") log (level|group)', r"\1 \2"), (r"ip6? length", "meta length"),
                     (r"([sd])nat ip6? (prefix )?to", r"\1nat \2to"), (r"prefix to (\S+)/(32|128)\b", r"to \1"),
                     (r"oif missing", "oif 0"), (r"timeout \w+ (?=limit)", ""),
                     (r"(add|update) @\S+ (?=\{ ip6? saddr limit)", "update ")):
        text = re.sub(old, new, text)
    return text


class Plan:
    """Rules of a plan as texts that name what they lead to and what is in their sets."""

    def __init__(self, operations):
        self.chains, self.elements, self.limits, self.bases, keyed = {}, {}, {}, set(), {}
        for line in operations:
            if m := re.match(r"add nftrule inet vnet (\S+) (\S+) expr '(.*?)'(?: comment|$)", line):
                keyed.setdefault(m[1], []).append((m[2], m[3]))
            elif m := re.match(r"add element inet vnet (\S+) (.+)", line):
                self.elements.setdefault(m[1], []).append(m[2])
            elif m := re.match(r"add limit inet vnet (\S+) rate '?(\S+)", line):
                self.limits[m[1]] = m[2]
            elif m := re.match(r"add chain inet vnet (\S+)(.*)", line):
                self.chains.setdefault(m[1], [])
                if hook := re.search(r"type (\w+) hook (\w+)", m[2]):
                    self.bases.add((m[1], hook[1], hook[2]))
        for chain, rules in keyed.items():
            self.chains[chain] = [expr for _, expr in sorted(rules)]
        self.sets = set(re.findall(r"add set inet vnet (\S+)", "\n".join(operations)))
        self.lines = [plain(line) for chain in self.chains for line in self.ways(chain)]

    def words(self, rule):
        rule = re.sub(r'counter name "[^"]*" ?', "", rule)
        rule = re.sub(r'limit name "([^"]*)"', lambda m: f"limit rate {self.limits[m[1]]}", rule)
        return re.sub(r"@(?!D)(\S+)", lambda m: braces(self.elements[m[1]]) if m[1] in self.elements else m[0], rule)

    def ways(self, chain, before="", depth=0):
        """Rules of the chain, and those its maps and jumps lead on to, with the conditions on the way."""
        for rule in self.chains[chain]:
            if m := re.match(r"(.*?)(\w+) vmap @(\S+)$", rule):
                steps = [(f"{m[1]}{m[2]} {e.split(' data ')[0]}", e.split(" data ")[1].strip("'"))
                         for e in self.elements.get(m[3], [])]
            elif m := re.match(r"(.*?)((?:jump|goto) (\S+))$", rule):
                steps = [(m[1], m[2])]
            else:
                steps = [(rule, "")]
            for conditions, verdict in steps:
                yield f"{before} {self.words(conditions)} {verdict}".strip()
                target = verdict.split()[1] if verdict.startswith(("jump", "goto")) else None
                if target and depth < 4:
                    yield from self.ways(target, f"{before} {self.words(conditions)}", depth + 1)

    def has(self, fragments):
        return any(all(re.search(r"(^|\W)" + re.escape(f) + r"($|\W)", line) for f in fragments)
                   for line in self.lines)


def ours(case, fragment, table):
    """A fragment in the words of a plan: one or more of them."""
    fragment = re.sub(r"@([A-Z]6?)_(\w+)", lambda m: braces(group_members(case["config"], f"{m[1]}_{m[2]}"))
                      if m[1] in KINDS else m[0], fragment)
    for old, new in CHAINS:
        fragment = re.sub(rf"(jump ){old}$", lambda m: m[1] + re.sub(old, new, m[0][5:]), fragment)
    fragment = re.sub(r'^"?([\w-]+) default-action ?(\w*)"?$', r"\2", fragment)
    if m := re.match(r"([sd])nat ip prefix to ip ([sd])addr map \{ (\S+) : (\S+)(?: \. (\S+))? \}", fragment):
        return [f"ip {m[2]}addr {m[3]}", f"{m[1]}nat prefix to {m[4]}" + (f":{m[5]}" if m[5] else "")]
    if fragment == "return" and "nat" in table:
        return ["accept"]
    if fragment == "" or fragment.startswith("comment "):
        return []
    return [plain(f) for f in re.split(r" (?=ct state)", fragment)]


def holds(plan, case, check, fragments):
    line = " ".join(fragments)
    if m := re.match(r"chain (\S+)", line):
        name = m[1]
        for old, new in CHAINS:
            name = re.sub(rf"^{old}$", new, name)
        return name in plan.chains
    if m := re.match(r"type (\w+) hook (\w+)", line):
        return any(b[1:] == m.groups() for b in plan.bases)
    if re.match(r"DA6?_\w+$", line):
        return line in plan.sets
    if line.startswith(("type ", "flags ")):
        return True
    return plan.has([o for f in fragments for o in ours(case, f, check["table"])])


def meant():
    for file in ("test_firewall.json", "test_nat.json", "test_nat66.json"):
        path = CORPUS / "smoketest-1.4" / file
        for case in json.loads(path.read_text()) if path.exists() else []:
            if case["expect_commit"] == "ok" and any(c["kind"] == "nft" for c in case["checks"]):
                yield pytest.param(case, id=case["id"])


@pytest.mark.parametrize("case", meant())
def test_rules_mean_what_they_mean_in_vyos(vnet, case):  # noqa: F811
    text = "\n".join(case["config"])
    if "conntrack-helper" not in text and WITHOUT.search(re.sub(r"(?m)^.* gre$|.*source-validation.*", "", text)):
        pytest.skip("vnet does not have this: " + WITHOUT.search(text)[0])
    session, _, _ = imported(vnet, text, "case")
    plan = Plan(session.call("Commit", dry_run=True)["operations"])
    session.close()
    compared, missing = 0, []
    for chain, rules in plan.chains.items():
        assert "jump firewall-state" not in rules[1:], f"{chain}: the state of a connection decides before its rules"
    for check in case["checks"]:
        for fragments in check["fragments"] if check["kind"] == "nft" else []:
            line = " ".join(fragments)
            if any(re.search(why, line) for why, _ in OTHERWISE) or "ct helper" in line or \
                    (check["table"].startswith("ip ") and "fib saddr" in line):
                continue
            compared += 1
            if not holds(plan, case, check, fragments):
                missing.append(f"{check['table']}: {fragments}")
    assert not missing, "\n".join([*missing, "in", *plan.lines])
    assert compared
