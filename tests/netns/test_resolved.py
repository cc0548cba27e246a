# SPDX-License-Identifier: GPL-2.0-or-later
"""systemd-resolved on the host learns where names of networks are: a bus of the test's own, a service that prints."""
import json
import shutil

import lab
import pytest
from lab import BUILD, wait_for

BUS = """<busconfig><type>system</type><listen>unix:path={0}/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
</policy></busconfig>"""

pytestmark = pytest.mark.skipif(not shutil.which("dbus-daemon"), reason="needs dbus-daemon")


class Bus:
    def __init__(self, site, where):
        self.site, self.folder, self.resolved = site, site.folder, None
        (self.folder / "bus.conf").write_text(BUS.format(self.folder))
        where.start("dbus-daemon", "--nofork", f"--config-file={self.folder}/bus.conf")
        wait_for((self.folder / "bus").exists)

    def start(self):
        """systemd-resolved starts, and knows nothing."""
        (self.folder / "told").write_text("")
        self.resolved = self.site.host.start("sh", "-c", f'exec "$0" >{self.folder}/told',
                                             BUILD / "tests" / "netns" / "fake_resolved")

    def told(self):
        return (self.folder / "told").read_text().splitlines()

    def stop(self):
        self.resolved.kill()
        self.resolved.wait()


@pytest.fixture
def bus(switchd, request, monkeypatch):
    bus = Bus(switchd, getattr(switchd, getattr(request, "param", "host")))
    monkeypatch.setitem(lab.ENV, "DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={switchd.folder}/bus")
    bus.start()
    switchd.stop()
    switchd.start()
    return bus


def ifindex(switchd, device):
    return json.loads(switchd.host.run("ip", "-j", "link", "show", "dev", device).stdout)[0]["ifindex"]


def test_names_of_networks_are_routed_to_them(switchd, bus):
    index = ifindex(switchd, "vn-default")
    wait_for(lambda: len(bus.told()) == 3)
    assert bus.told() == [f"SetLinkDNS {index} 192.168.122.1",
                          f"SetLinkDomains {index} ~default.vnet ~122.168.192.in-addr.arpa",
                          f"SetLinkDefaultRoute {index} no"]
    switchd.commit("set network six address 2001:db8:6::1/64", "set network six address 10.20.0.1/20",
                   "set network six dns domain six.example")
    six = ifindex(switchd, "vn-six")
    wait_for(lambda: len(bus.told()) == 6)
    assert f"SetLinkDNS {six} 10.20.0.1 2001:db8:6::1" in bus.told()
    assert f"SetLinkDomains {six} ~six.example ~0.0.0.0.6.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa" in bus.told()
    switchd.commit("set network six mtu 1400")                    # nothing it would want to know
    switchd.commit("set network six dns disable")
    wait_for(lambda: bus.told()[6:] == [f"RevertLink {six}"])


def test_a_resolved_that_comes_back_is_told_again(switchd, bus):
    wait_for(lambda: len(bus.told()) == 3)
    first = bus.told()
    bus.stop()
    switchd.commit("set network default dns domain lab.example")  # nobody is there to be told
    bus.start()
    wait_for(lambda: len(bus.told()) == 3)
    assert bus.told() != first and "~lab.example" in bus.told()[1]


def test_without_a_bus_or_resolved_nothing_is_missed(switchd, bus):
    wait_for(lambda: len(bus.told()) == 3)
    bus.stop()
    switchd.commit("set network more address 10.77.0.1/24")
    assert "error" not in switchd.log
    guest = switchd.guest("g1")
    assert guest.udhcpc().returncode == 0


@pytest.mark.parametrize("bus", ["inet"], indirect=True)
def test_nothing_is_told_to_another_network_namespace(switchd, bus):
    """Interface numbers mean nothing there."""
    switchd.commit("set network more address 10.77.0.1/24")
    guest = switchd.guest("g1")
    assert guest.udhcpc().returncode == 0
    assert not bus.told()
