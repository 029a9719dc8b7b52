"""Install Argo CD, make the private Git server resolve for it, and declare one Application per project."""

from pulumi import ResourceOptions

from components.argocd.component import ArgoCD, argocd_namespace
from components.dns.proof.command import prove, what_to_prove
from components.dns.strategy import dns_strategy
from components.outputs import export_outputs
from components.projects.access import Access
from components.projects.application_sets import declared_sets
from components.projects.component import Applications, ApplicationsArgs
from components.projects.declared import hosts_in_use
from components.stack import (
    access,
    adopted_objects,
    cluster_provider,
    read_stack,
    told_as_sentences,
    what_to_adopt,
)


def main() -> None:
    """Declare the stack. The order is that of creation; `destroy` goes the other way."""
    settings, applications = read_stack()
    hosts = hosts_in_use([*applications, *declared_sets(settings)])
    dns = dns_strategy(settings.dns, hosts, alert=settings.argocd.alerts_of_dns)
    dns.require_coverage(hosts, settings.git.public_hosts)
    asked = what_to_prove(settings, dns, hosts)
    allowed = access(settings, applications)
    adopted = what_to_adopt(settings, applications, allowed)

    cluster = cluster_provider(settings.cluster.context)
    first = ResourceOptions(provider=cluster, depends_on=adopted_objects(settings, adopted))
    namespace = argocd_namespace(settings.argocd, adopted, first)
    name_resolution = dns.deploy(settings.cluster.context, ResourceOptions(depends_on=[namespace]))
    in_place = ResourceOptions(providers=[cluster], depends_on=[namespace, *name_resolution])
    with_aliases = ResourceOptions.merge(in_place, ResourceOptions(transforms=dns.release_transforms))
    argocd = ArgoCD("argocd", settings.argocd, adopted, opts=with_aliases)
    after_argocd = ResourceOptions.merge(in_place, ResourceOptions(depends_on=[argocd]))
    may_use = Access("access", allowed, adopted, opts=after_argocd)
    proven = prove(asked, ResourceOptions(depends_on=after_argocd.depends_on))
    ready = ResourceOptions.merge(after_argocd, ResourceOptions(depends_on=[may_use, *proven]))
    projects = Applications("projects", ApplicationsArgs(settings, applications, adopted), opts=ready)
    export_outputs(settings, dns, argocd, projects, asked)


with told_as_sentences():
    main()
