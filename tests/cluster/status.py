"""Says what of the local cluster runs, and where to look when something does not."""

from tests.cluster import local
from tests.cluster.packages import require_machine
from tests.cluster.state import AUDIT_LOG, KUBECONFIG, NODE_NAME, STATE


def status() -> str:
    """Return a line per daemon, then the state of API server and node."""
    require_machine()
    rows = [(name, daemon_state(name)) for name in local.NAMES]
    if local.running():
        api = local.control_plane().api
        rows += [
            ("API server", "ready" if api.ready() else "not ready"),
            (f"node {NODE_NAME}", "Ready" if api.node_ready(NODE_NAME) else "not Ready"),
            ("kubeconfig", str(KUBECONFIG) if KUBECONFIG.exists() else "not written; run `up`"),
            ("audit log", str(AUDIT_LOG)),
            ("state", str(STATE)),
        ]
    else:
        rows.append(("cluster", "not running; `python -m tests.cluster up` starts it"))
    return "\n".join(f"{name:24} {state}" for name, state in rows)


def daemon_state(name: str) -> str:
    """Return whether a daemon lives, and its log."""
    found = local.processes.find(name)
    alive = f"pid {found.pid}" if found else "not running"
    return f"{alive:14} {local.processes.log(name)}"
