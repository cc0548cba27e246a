# SPDX-License-Identifier: GPL-2.0-or-later
"""What a namespace's kernel shows of networks, as text that compares: without counters, timers, handles, indexes."""
import json

BRIDGE = ("stp_state", "forward_delay", "ageing_time", "vlan_filtering", "vlan_default_pvid", "id", "table")


def shown(host, *words):
    return json.loads(host.run(*words).stdout or "[]")


def links(host):
    for link in shown(host, "ip", "-d", "-j", "link"):
        info = link.get("linkinfo", {})
        data = info.get("info_data", {})
        yield ["link", link["ifname"], link.get("master"), link["mtu"], link["address"], "UP" in link["flags"],
               link.get("ifalias"), link.get("group"), info.get("info_kind"), link.get("link"),
               {k: data[k] for k in BRIDGE if k in data},
               info.get("info_slave_data", {}).get("isolated")]


def addresses(host):
    for link in shown(host, "ip", "-j", "addr"):
        for a in link["addr_info"]:
            if a.get("scope") != "link":
                yield ["address", link["ifname"], a["local"], a["prefixlen"]]


def routes(host):
    for family in ("-4", "-6"):
        for r in shown(host, "ip", family, "-j", "route", "show", "table", "all"):
            if not r["dst"].startswith(("fe80", "ff00")) and r.get("type") not in ("multicast", "anycast"):
                yield ["route", r.get("table"), r["dst"], r.get("type"), r.get("gateway"), r.get("dev"),
                       r.get("protocol"), r.get("metric"), r.get("nexthops")]
        for r in shown(host, "ip", family, "-j", "rule"):
            yield ["rule", family, r]


def vlans(host):
    done = host.run("bridge", "-compressvlans", "-j", "vlan", "show", check=False)
    for port in json.loads(done.stdout or "[]") if done.returncode == 0 else []:
        yield ["vlan", port["ifname"], port["vlans"]]


def strip(value):
    """nft's JSON without what changes by itself; elements in order."""
    if isinstance(value, dict):
        kept = {k: strip(v) for k, v in value.items() if k not in ("handle", "packets", "bytes", "metainfo")}
        if isinstance(kept.get("elem"), list):
            kept["elem"].sort(key=lambda e: json.dumps(e, sort_keys=True))
        return kept
    return [strip(v) for v in value] if isinstance(value, list) else value


def rules(host):
    """Rules of one chain in their order, behind all other objects."""
    for number, item in enumerate(shown(host, "nft", "-j", "list", "ruleset").get("nftables", [])):
        if "rule" in item:
            rule = item["rule"]
            yield ["nft-rule", rule["family"], rule["table"], rule["chain"], number, strip(rule)]
        elif "metainfo" not in item:
            yield ["nft", strip(item)]


def renumber(lines):
    """Rules are numbered through the whole ruleset: count them within their chain."""
    count = {}
    for line in lines:
        if line[0] == "nft-rule":
            chain = tuple(line[1:4])
            count[chain] = count.get(chain, -1) + 1
            line[4] = count[chain]
        yield json.dumps(line, sort_keys=True)


def snapshot(host):
    found = [*links(host), *addresses(host), *routes(host), *vlans(host), *rules(host)]
    return sorted(renumber(found))


def difference(before, after):
    """Readable: "" when nothing differs."""
    return "\n".join([*(f"- {line}" for line in before if line not in after),
                      *(f"+ {line}" for line in after if line not in before)])
