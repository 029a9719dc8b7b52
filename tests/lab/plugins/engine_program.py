"""The Pulumi program of the engine tests: declares whatever the variable DECLARED says.

`before` and `objects` are manifests, created before and after the release; `{"$secret": "x"}` stands for an
engine's secret. `imports` tells which object is imported under which ID, by its name, or `release`.
"""

import json
import os
from typing import Any

import pulumi
import pulumi_kubernetes
from pulumi import ResourceOptions
from pulumi_command.local import Command
from pulumi_kubernetes.helm.v3 import Release


def secret(item: dict[str, Any]) -> Any:
    """Return a JSON object, or the secret that it stands for."""
    return pulumi.Output.secret(item["$secret"]) if "$secret" in item else item


declared: dict[str, Any] = json.loads(os.environ.get("DECLARED", "{}"), object_hook=secret)
imports: dict[str, str] = declared.get("imports", {})
cluster = pulumi_kubernetes.Provider(
    "cluster",
    kubeconfig=declared["kubeconfig"],
    cluster_identifier="lab",
    **declared.get("provider", {}),
)
made: list[pulumi.Resource] = []


def declare(manifest: dict[str, Any]) -> None:
    """Declare an object that comes after all earlier ones."""
    version, kind, name = manifest["apiVersion"], manifest["kind"], manifest["metadata"]["name"]
    made.append(
        pulumi.CustomResource(
            f"kubernetes:{version if '/' in version else f'core/{version}'}:{kind}",
            name,
            manifest,
            ResourceOptions(
                provider=cluster,
                depends_on=list(made),
                import_=imports.get(name),
                version=declared["version"],  # as the SDK's own classes do
            ),
        )
    )


for item in declared.get("before", []):
    declare(item)

if "release" in declared:
    release = Release(
        "argocd",
        name="argocd",
        namespace="argocd",
        create_namespace="before" not in declared,
        chart=declared["chart"],
        values=declared["release"],
        repository_opts=declared.get("repository"),
        reset_values=True,
        timeout=declared.get("timeout", 60),
        opts=ResourceOptions(provider=cluster, depends_on=list(made), import_=imports.get("release")),
    )
    made.append(release)
    pulumi.export("status", release.status)
    pulumi.export("names", release.resource_names)

for item in declared.get("objects", []):
    declare(item)

if "command" in declared:
    command = Command(
        "command",
        create=declared["command"],
        environment=declared.get("environment"),
        triggers=declared.get("triggers"),
    )
    pulumi.export("printed", command.stdout)
