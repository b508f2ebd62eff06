"""``make demo``: davit from nothing to the log and result of a run, on a real cluster.

Every line that begins with ``$`` is a command that is run as it stands there.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.progress import ClusterError, step
from tests.deploy import deploy
from tests.gitserver.in_cluster import start_git_server
from tests.kubectl import Kubectl, KubectlError
from tests.samples import SAMPLES, sample_files, sample_object, served_by
from tests.target import Target, TargetError, target

NAMESPACE = "davit-demo"
SECRET = "git-ca"  # noqa: S105 (the name of a Secret)
LABELS = {"pod-security.kubernetes.io/enforce": "restricted"}


def demo(on: Target) -> None:
    """Install, show one job from Git to its result, and say how to go on."""
    deploy(on)
    kubectl = on.kubectl.within(NAMESPACE)
    on.kubectl.apply(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": NAMESPACE, "labels": LABELS},
        }
    )
    with step("Starting a Git server over https in the cluster", "5 s"):
        server = start_git_server(
            kubectl, on.operator_image, {"examples": sample_files("hello-world")}
        )
    kubectl.apply(server.secret(SECRET))
    for kind in ("jobrun", "jobdefinition", "jobrepository"):
        kubectl("delete", kind, "--all", "--wait=true")
    repository = served_by(sample_object("hello-world", "jobrepository"), server, SECRET)
    _show(kubectl, repository)


def _show(kubectl: Kubectl, repository: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as name:
        files = Path(name)
        (files / "jobrepository.yaml").write_text(yaml.safe_dump(repository, sort_keys=False))
        run = (SAMPLES / "hello-world" / "jobrun.yaml").read_text()
        (files / "jobrun.yaml").write_text(run)
        for command in COMMANDS:
            _run(kubectl, command, files)


COMMANDS = (
    "kubectl apply -f jobrepository.yaml",
    "kubectl wait jobrepository/examples --for=condition=Ready --timeout=120s",
    "kubectl get jobrepositories,jobdefinitions",
    "kubectl patch jobdefinition examples.hello-world --type=merge -p "
    """'{"spec":{"enabled":true}}'""",
    "kubectl apply -f jobrun.yaml",
    "kubectl wait jobrun/hello-ada --for=condition=Finished --timeout=120s",
    "kubectl get jobruns",
    "kubectl get jobrun hello-ada -o jsonpath="
    """'{range .status.log.tail[*]}{.level}{"\\t"}{.message}{"\\n"}{end}'""",
    """kubectl get jobrun hello-ada -o jsonpath='{.status.result}{"\\n"}'""",
    "kubectl davit list",
    "kubectl davit run examples.hello-world --name hello-bob -i who=Bob --follow",
    "kubectl davit logs hello-bob --level success",
    "kubectl davit logs hello-bob --tail 1 -o json",
    "kubectl davit result hello-bob",
)


def _run(kubectl: Kubectl, command: str, folder: Path) -> None:
    """Show the command, then run it, in the demo's namespace, and show what it prints."""
    sys.stdout.write(f"$ {command}\n")
    sys.stdout.flush()
    words = shlex.split(command)[1:]
    subprocess.run(
        kubectl.calling(*words), cwd=folder, check=True, env=kubectl.environment_with_plugins()
    )


def main() -> int:
    """Run the demo; what goes wrong is a sentence, not a traceback."""
    try:
        on = target()
        demo(on)
    except (ClusterError, KubectlError, TargetError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"error: {shlex.join(error.cmd)} ended with {error.returncode}\n")
        return 1
    _say_how_to_go_on(on)
    return 0


def _say_how_to_go_on(on: Target) -> None:
    lines = [
        "",
        "To look around:",
        f"  export KUBECONFIG={on.kubectl.kubeconfig}",
        f"  kubectl config set-context --current --namespace={NAMESPACE}",
        "  kubectl get davit                 everything of davit",
        "  kubectl explain jobrun.spec       what a field means",
        "  kubectl describe jobrun hello-ada",
        "  kubectl logs -n davit-system --prefix -l app.kubernetes.io/component=operator",
        "To stop:",
        "  make cluster-down" if on.is_local else f"  kubectl delete namespace {NAMESPACE}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
