"""The Pulumi program of `test_engine.py`: declares whatever the variable DECLARED says."""

import json
import os
from typing import Any

import pulumi
import pulumi_kubernetes
from pulumi import ResourceOptions
from pulumi_command.local import Command
from pulumi_kubernetes.helm.v3 import Release

declared: dict[str, Any] = json.loads(os.environ.get("DECLARED", "{}"))
cluster = pulumi_kubernetes.Provider(
    "cluster",
    kubeconfig=declared["kubeconfig"],
    cluster_identifier="lab",
    **declared.get("provider", {}),
)
before: list[pulumi.Resource] = []

if "release" in declared:
    release = Release(
        "argocd",
        name="argocd",
        namespace="argocd",
        create_namespace=True,
        chart=declared["chart"],
        values=declared["release"],
        timeout=declared.get("timeout", 60),
        opts=ResourceOptions(provider=cluster, import_=declared.get("import_release")),
    )
    before.append(release)
    pulumi.export("status", release.status)
    pulumi.export("names", release.resource_names)

for manifest in declared.get("objects", []):
    version, kind = manifest["apiVersion"], manifest["kind"]
    made = pulumi.CustomResource(
        f"kubernetes:{version if '/' in version else f'core/{version}'}:{kind}",
        manifest["metadata"]["name"],
        manifest,
        ResourceOptions(
            provider=cluster,
            depends_on=list(before),
            import_=declared.get("import"),
            version=declared["version"],  # as the SDK's own classes do
        ),
    )
    before.append(made)

if "command" in declared:
    command = Command(
        "command",
        create=declared["command"],
        environment=declared.get("environment"),
        triggers=declared.get("triggers"),
    )
    pulumi.export("printed", command.stdout)
