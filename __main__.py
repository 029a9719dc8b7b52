"""Install Argo CD, make the private Git server resolve for it, and declare one Application per project."""

from pulumi import ResourceOptions

from components.argocd.component import ArgoCD, argocd_namespace
from components.dns.check.building import question
from components.dns.check.command import prove
from components.dns.strategy import dns_strategy
from components.outputs import export_outputs
from components.projects.component import Applications
from components.projects.manifests import application_manifests, repository_hosts
from components.stack import cluster_provider, read_settings, told_as_sentences


def main() -> None:
    """Declare the stack. The order is that of creation; `destroy` goes the other way."""
    settings = read_settings()
    hosts = repository_hosts(settings)
    dns = dns_strategy(settings.dns, hosts.values())
    dns.require_coverage(hosts, settings.git.public_hosts)

    cluster = cluster_provider(settings.cluster)
    namespace = argocd_namespace(settings.argocd, ResourceOptions(provider=cluster))
    name_resolution = dns.deploy(settings.cluster.context, ResourceOptions(depends_on=[namespace]))
    in_place = [namespace, *name_resolution]
    transforms = dns.release_transforms
    options = ResourceOptions(providers=[cluster], depends_on=in_place, transforms=transforms)
    argocd = ArgoCD("argocd", settings.argocd, opts=options)
    asked = question(settings, dns)
    proven = prove(asked, ResourceOptions(depends_on=[*in_place, argocd]))
    options = ResourceOptions(providers=[cluster], depends_on=[*in_place, argocd, *proven])
    projects = Applications("projects", application_manifests(settings), opts=options)
    export_outputs(settings, dns, argocd, projects, asked)


with told_as_sentences():
    main()
