"""The pieces of admission policies: manifests, and the CEL that several of them share."""

from __future__ import annotations

from typing import Any

from davit_operator.api.kinds import GROUP, VERSION, Kind

Manifest = dict[str, Any]

USER = "request.userInfo.username"
_API = "admissionregistration.k8s.io/v1"
_MAY_GET = (
    "authorizer.group('').resource({resource}).namespace(request.namespace).name({name})"
    ".check('get').allowed()"
)


def policy(
    name: str, operations: tuple[str, ...], kinds: tuple[Kind, ...], **spec: Any
) -> Manifest:
    """Return a policy that looks at these operations on these kinds; ``spec`` is the rest of it."""
    rule = {
        "apiGroups": [GROUP],
        "apiVersions": [VERSION],
        "operations": list(operations),
        "resources": [kind.plural for kind in kinds],
    }
    return {
        "apiVersion": _API,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [rule]},
            **spec,
        },
    }


def binding(of: Manifest) -> Manifest:
    """Return what puts a policy in force, everywhere."""
    name = of["metadata"]["name"]
    return {
        "apiVersion": _API,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Deny"]},
    }


def variable(name: str, expression: str) -> Manifest:
    """Return a name for CEL that several expressions of a policy share: ``variables.<name>``."""
    return {"name": name, "expression": expression}


def may_get(names: str, at: int, field: str, remedy: str) -> Manifest:
    """Return the validation that the user may get number ``at`` of ``names``, if there is one."""
    each = f"{names}[{at}]"
    resource = f"{each}.startsWith('Secret/') ? 'secrets' : 'configmaps'"
    allowed = _MAY_GET.format(resource=resource, name=f"{each}.split('/')[1]")
    return {
        "expression": f"{names}.size() <= {at} || {allowed}",
        "messageExpression": (
            f"'You (' + {USER} + ') may not get ' + {each}.replace('/', ' ') + ' in namespace ' + "
            f"request.namespace + ', which spec.{field} names. {remedy}'"
        ),
        "reason": "Forbidden",
    }


def mutation(field: str, when: str) -> Manifest:
    """Write the user into ``field`` where ``when`` holds; else leave what stood there before."""

    def add(value: str) -> str:
        return f'[JSONPatch{{op: "add", path: "/spec/{field}", value: {value}}}]'

    remove = f'[JSONPatch{{op: "remove", path: "/spec/{field}"}}]'
    before = f"oldObject != null && has(oldObject.spec.{field})"
    expression = (
        f"({when}) ? {add(USER)} : ({before}) ? {add(f'oldObject.spec.{field}')} : "
        f"has(object.spec.{field}) ? {remove} : []"
    )
    return {"patchType": "JSONPatch", "jsonPatch": {"expression": expression}}
