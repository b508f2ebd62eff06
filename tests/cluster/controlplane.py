"""Describes etcd, API server, controllers and scheduler, for the cluster and for tests.

A test that needs only a real API server starts one of its own, on free loopback ports::

    with running_control_plane(tmp_path) as plane:
        client = load(plane.kubeconfig)
"""

import ipaddress
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from tests.cluster.binaries import binaries
from tests.cluster.files import write_file
from tests.cluster.kubeconfig import ADMIN, write_kubeconfig
from tests.cluster.pki import Authority, KeyPair, Subject
from tests.cluster.probes import Api, answers, listens
from tests.cluster.processes import Daemon, Processes

LOOPBACK = "127.0.0.1"
AUDIT_POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one control plane."""

    etcd: int = 12379
    etcd_peer: int = 12380
    apiserver: int = 6443
    controller_manager: int = 10257
    scheduler: int = 10259
    kubelet: int = 10250

    @classmethod
    def free(cls) -> "Ports":
        """Return ports that nothing uses at this moment."""
        with ExitStack() as held:
            sockets = [held.enter_context(socket.socket()) for _ in range(6)]
            for each in sockets:
                each.bind((LOOPBACK, 0))
            return cls(*(each.getsockname()[1] for each in sockets))


@dataclass(frozen=True, kw_only=True)
class ControlPlane:
    """One etcd and one API server in one folder, and how to reach them."""

    folder: Path
    programs: Path
    address: str = LOOPBACK
    service_cidr: str = "10.213.128.0/20"
    ports: Ports = field(default_factory=Ports)

    @property
    def server(self) -> str:
        """Return the URL that clients use."""
        return f"https://{self.address}:{self.ports.apiserver}"

    @property
    def audit_log(self) -> Path:
        """Return the file with one line per answered request."""
        return self.folder / "logs" / "audit.log"

    @property
    def kubeconfig(self) -> Path:
        """Return an administrator's kubeconfig."""
        return self.config("admin", ADMIN)

    @cached_property
    def authority(self) -> Authority:
        """Return the authority that all parts trust."""
        return Authority(self.folder / "pki")

    @cached_property
    def api(self) -> Api:
        """Return the API server as an administrator sees it."""
        return Api(self.server, self.authority, self.authority.issue("admin", ADMIN))

    def config(self, name: str, subject: Subject) -> Path:
        """Return a kubeconfig that lets its holder act as a subject."""
        path = self.folder / "config" / f"{name}.kubeconfig"
        client = self.authority.issue(name, subject)
        return write_kubeconfig(path, self.server, self.authority, client)

    def etcd(self) -> Daemon:
        """Return etcd, reachable from this machine only."""
        client = f"http://{LOOPBACK}:{self.ports.etcd}"
        peer = f"http://{LOOPBACK}:{self.ports.etcd_peer}"
        argv: list[str | Path] = [
            self.programs / "etcd",
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--log-level=warn",
        ]
        return Daemon(name="etcd", argv=argv, ready=lambda: answers(f"{client}/readyz"))

    def apiserver(self) -> Daemon:
        """Return the API server with the admission plugins that are on by default."""
        flags = [*self._apiserver_flags(), *self._identity_flags()]
        if self.address == LOOPBACK:
            # A loopback address is no endpoint for the Service `kubernetes`.
            flags.append("--endpoint-reconciler-type=none")
        argv: list[str | Path] = [self.programs / "kube-apiserver", *flags]
        return Daemon(name="kube-apiserver", argv=argv, ready=self.api.ready, ready_seconds=120)

    def controller_manager(self) -> Daemon:
        """Return the controllers, tuned so that they are not what limits Jobs per second."""
        config = self.config("controller-manager", Subject(user="system:kube-controller-manager"))
        port = self.ports.controller_manager
        argv: list[str | Path] = [
            self.programs / "kube-controller-manager",
            f"--kubeconfig={config}",
            f"--bind-address={LOOPBACK}",
            f"--secure-port={port}",
            f"--root-ca-file={self.authority.files.certificate}",
            f"--service-account-private-key-file={self.authority.service_account_keys().key}",
            f"--service-cluster-ip-range={self.service_cidr}",
            # Left alone, it makes this folder in /usr/libexec.
            f"--flex-volume-plugin-dir={self.folder / 'volume-plugins'}",
            "--use-service-account-credentials=true",
            "--allocate-node-cidrs=false",
            "--leader-elect=false",
            "--kube-api-qps=100",
            "--kube-api-burst=200",
            "--concurrent-job-syncs=20",
        ]
        return Daemon(
            name="kube-controller-manager", argv=argv, ready=lambda: listens(LOOPBACK, port)
        )

    def scheduler(self) -> Daemon:
        """Return the scheduler, which gives pods their node."""
        kubeconfig = self.config("scheduler", Subject(user="system:kube-scheduler"))
        port = self.ports.scheduler
        argv: list[str | Path] = [
            self.programs / "kube-scheduler",
            f"--kubeconfig={kubeconfig}",
            f"--bind-address={LOOPBACK}",
            f"--secure-port={port}",
            "--leader-elect=false",
            "--kube-api-qps=100",
            "--kube-api-burst=200",
        ]
        return Daemon(name="kube-scheduler", argv=argv, ready=lambda: listens(LOOPBACK, port))

    def _apiserver_flags(self) -> list[str]:
        policy = self.folder / "config" / "audit-policy.yaml"
        write_file(policy, AUDIT_POLICY)
        return [
            f"--bind-address={self.address}",
            f"--advertise-address={self.address}",
            f"--secure-port={self.ports.apiserver}",
            f"--etcd-servers=http://{LOOPBACK}:{self.ports.etcd}",
            f"--service-cluster-ip-range={self.service_cidr}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--allow-privileged=true",
            "--kubelet-preferred-address-types=InternalIP",
            f"--audit-policy-file={policy}",
            f"--audit-log-path={self.audit_log}",
            "--audit-log-maxsize=1000",
            "--audit-log-maxbackup=1",
        ]

    def _identity_flags(self) -> list[str]:
        kubelet_client = self.authority.issue("apiserver-kubelet-client", ADMIN)
        serving = self._serving()
        accounts = self.authority.service_account_keys()
        ca = self.authority.files.certificate
        return [
            f"--client-ca-file={ca}",
            f"--tls-cert-file={serving.certificate}",
            f"--tls-private-key-file={serving.key}",
            f"--kubelet-certificate-authority={ca}",
            f"--kubelet-client-certificate={kubelet_client.certificate}",
            f"--kubelet-client-key={kubelet_client.key}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={accounts.certificate}",
            f"--service-account-signing-key-file={accounts.key}",
        ]

    def _serving(self) -> KeyPair:
        names = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost")
        hosts = (*names, LOOPBACK, self.address, first_address(self.service_cidr))
        return self.authority.issue("apiserver", Subject(user="kube-apiserver", hosts=hosts))


def first_address(cidr: str) -> str:
    """Return the first usable address of a range: Kubernetes gives it to Service `kubernetes`."""
    return str(ipaddress.ip_network(cidr)[1])


@contextmanager
def running_control_plane(folder: Path, *, controllers: bool = False) -> Iterator[ControlPlane]:
    """Run etcd and kube-apiserver, and the controllers if wanted, until the block ends."""
    plane = ControlPlane(folder=folder, programs=binaries(), ports=Ports.free())
    daemons = [plane.etcd(), plane.apiserver()]
    if controllers:
        daemons.append(plane.controller_manager())
    with running(folder, daemons):
        yield plane


def tied(daemon: Daemon) -> Daemon:
    """Return the daemon so that a test run that is killed takes it with it."""
    return replace(daemon, argv=["setpriv", "--pdeathsig", "KILL", "--", *daemon.argv])


@contextmanager
def running(folder: Path, daemons: Sequence[Daemon]) -> Iterator[None]:
    """Run daemons, one after the other, until the block ends."""
    processes = Processes(folder / "processes", folder / "logs")
    try:
        for daemon in daemons:
            processes.start(tied(daemon))
        yield
    finally:
        for daemon in reversed(daemons):
            processes.stop(daemon.name)
