# SPDX-License-Identifier: GPL-2.0-or-later
"""The floor of a bring-up: what a daemon made, made again by `nft -f`, `ip -batch`, `bridge -batch` and writes to
/proc/sys from files that are there already: no configuration is read, nothing is checked or kept."""
import json

import benchlib as b

KINDS = ("bridge", "vrf", "vlan")  # in the order in which they can be made
SYSCTLS = ("net/ipv4/conf/{}/route_localnet", "net/ipv4/conf/{}/arp_notify", "net/ipv6/conf/{}/disable_ipv6",
           "net/ipv6/conf/{}/accept_ra", "net/ipv6/conf/{}/keep_addr_on_down", "net/ipv6/conf/{}/ndisc_notify")


def ours(lab):
    found = [i for i in json.loads(lab.host.run("ip", "-d", "-j", "addr", timeout=300).stdout)
             if i.get("group") == str(b.LINK_GROUP)]
    return sorted(found, key=lambda i: KINDS.index(i["linkinfo"]["info_kind"]))


def link_line(i):
    kind, data = i["linkinfo"]["info_kind"], i["linkinfo"].get("info_data", {})
    line = f"link add name {i['ifname']} up address {i['address']} mtu {i['mtu']} group {b.LINK_GROUP} " \
           f"alias '{i['ifalias']}'"
    if kind == "vlan":
        line += f" link {i['link']}"
    line += f" type {kind}"
    if kind == "bridge":
        line += f" stp_state 0 forward_delay 0 vlan_filtering {data['vlan_filtering']}"
        line += " vlan_default_pvid 0" if data["vlan_filtering"] else ""
    if kind == "vrf":
        line += f" table {data['table']}"
    if kind == "vlan":
        line += f" id {data['id']}"
    return line


def vlan_lines(lab, links):
    for port in json.loads(lab.host.run("bridge", "-compressvlans", "-j", "vlan", "show", check=False).stdout or "[]"):
        if port["ifname"] in links:
            for v in port["vlans"]:
                last = f"-{v['vlanEnd']}" if "vlanEnd" in v else ""
                yield f"vlan add dev {port['ifname']} vid {v['vlan']}{last} self"


def rule_lines(lab, family):
    for line in lab.host.run("ip", family, "rule").stdout.splitlines():
        if line.endswith("proto 118") and "l3mdev" not in line:
            number, rest = line.split(":", 1)
            yield f"rule add pref {number} {rest.strip().replace('[unresolved]', '')}"


def script(lab, folder):
    """Write the files; the shell script that makes it again."""
    links = ours(lab)
    batch = [link_line(i) for i in links]
    batch += [f"link set dev {i['ifname']} master {i['master']}" for i in links if "master" in i]
    batch += [f"addr add {a['local']}/{a['prefixlen']} dev {i['ifname']}" for i in links for a in i["addr_info"]
              if a["scope"] == "global"]
    switches = {i["ifname"] for i in links if i["linkinfo"].get("info_data", {}).get("vlan_filtering")}
    sysctls = ["echo 1 >/proc/sys/net/ipv4/ip_forward"]
    for i in links:
        for pattern in SYSCTLS if i["linkinfo"]["info_kind"] != "vrf" else ():
            path = "/proc/sys/" + pattern.format(i["ifname"])
            sysctls.append(f"echo {lab.host.run('cat', path).stdout.strip()} >{path}")
    for name, lines in (("rules", [lab.host.run("nft", "list", "ruleset", timeout=300).stdout]), ("links", batch),
                        ("rules4", rule_lines(lab, "-4")), ("rules6", rule_lines(lab, "-6")),
                        ("sysctls", sysctls), ("vlans", vlan_lines(lab, switches))):
        (folder / name).write_text("\n".join(lines) + "\n")
    return f"set -e; nft -f {folder}/rules; ip -batch {folder}/links; ip -4 -batch {folder}/rules4; " \
           f"ip -6 -batch {folder}/rules6; bridge -batch {folder}/vlans; " \
           f". {folder}/sysctls"


TEARDOWN = f"nft delete table inet vnet; ip link del group {b.LINK_GROUP}"
OBSERVE = "nft list ruleset >/dev/null; ip -d link >/dev/null; ip addr >/dev/null"
