"""Gives the node an address, pods a network, and takes both away again."""

import json
import shutil
import socket
from pathlib import Path

from tests.cluster.commands import run
from tests.cluster.files import write_file
from tests.cluster.state import NODE_ADDRESS, NODE_LINK, POD_CIDR, STATE

CNI_PLUGINS = Path("/usr/lib/cni")
CNI_CONFIG = STATE / "cni" / "config"
CNI_LEASES = STATE / "cni" / "leases"
CNI_NETWORK = "davit-cluster"
# libcni remembers its calls in this folder, wherever the rest of the state lives.
CNI_RESULTS = Path("/var/lib/cni/results")

FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
FORWARDING_BEFORE = STATE / "ip_forward.before"

TABLE = "davit-cluster"
TABLES = (f"ip {TABLE}", "ip kube-proxy", "ip6 kube-proxy")

# Pods may reach out where this machine may; traffic between pods keeps its addresses.
OUTBOUND = f"""\
table ip {TABLE} {{}}
flush table ip {TABLE}
table ip {TABLE} {{
  chain postrouting {{
    type nat hook postrouting priority srcnat;
    ip saddr {POD_CIDR} ip daddr != {{ {POD_CIDR}, {NODE_ADDRESS} }} masquerade
  }}
}}
"""


def cni_config() -> str:
    """Return the pod network: each pod is routed by itself, so Services work between pods too.

    The `bridge` plugin would need br_netfilter for that, which not every kernel has.
    """
    plugin = {
        "type": "ptp",
        "ipMasq": False,
        "ipam": {
            "type": "host-local",
            "dataDir": str(CNI_LEASES),
            "ranges": [[{"subnet": POD_CIDR}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        },
    }
    return json.dumps({"cniVersion": "0.4.0", "name": CNI_NETWORK, "plugins": [plugin]}, indent=2)


def connect() -> None:
    """Create what is missing of the node's network."""
    write_file(CNI_CONFIG / "10-davit.conflist", cni_config())
    if not link_exists():
        # A bridge, not a dummy link: small kernels have the one and lack the other.
        run(["ip", "link", "add", NODE_LINK, "type", "bridge"])
    run(["ip", "address", "replace", f"{NODE_ADDRESS}/32", "dev", NODE_LINK])
    run(["ip", "link", "set", NODE_LINK, "up"])
    run(["nft", "-f", "-"], stdin=OUTBOUND)
    if not FORWARDING_BEFORE.exists():
        write_file(FORWARDING_BEFORE, FORWARDING.read_text())
    FORWARDING.write_text("1")


def disconnect() -> None:
    """Remove the node's network; pods' links went with their namespaces."""
    if link_exists():
        run(["ip", "link", "delete", NODE_LINK])
    for table in our_tables():
        run(["nft", "delete", "table", *table.split()])
    if FORWARDING_BEFORE.exists():
        FORWARDING.write_text(FORWARDING_BEFORE.read_text())
        FORWARDING_BEFORE.unlink()


def forget_pods() -> None:
    """Drop the addresses and call records of pods that ended without a word to the network."""
    shutil.rmtree(CNI_LEASES, ignore_errors=True)
    for record in call_records():
        record.unlink()


def call_records() -> list[Path]:
    """Return libcni's records of our pods; their loopback links have records of their own."""
    ours = list(CNI_RESULTS.glob(f"{CNI_NETWORK}-*-eth0"))
    pods = [path.name.removeprefix(f"{CNI_NETWORK}-").removesuffix("-eth0") for path in ours]
    loopbacks = [CNI_RESULTS / f"cni-loopback-{pod}-lo" for pod in pods]
    return [*ours, *(path for path in loopbacks if path.exists())]


def link_exists() -> bool:
    """Tell whether the device with the node's address is there."""
    return any(name == NODE_LINK for _, name in socket.if_nameindex())


def pod_links() -> list[str]:
    """Return the host's ends of pods' links."""
    routes = json.loads(run(["ip", "-json", "route", "show", "root", POD_CIDR]) or "[]")
    return sorted({route["dev"] for route in routes})


def our_tables() -> list[str]:
    """Return the nftables tables that exist because of this cluster."""
    listed = json.loads(run(["nft", "--json", "list", "tables"]))["nftables"]
    tables = [entry["table"] for entry in listed if "table" in entry]
    names = [f"{table['family']} {table['name']}" for table in tables]
    return [name for name in names if name in TABLES]
