"""Install Argo CD, make the private Git server resolve for it, and declare one Application per project."""

from pulumi import ResourceOptions

from components import existing, program
from components.access.component import Access
from components.argocd.component import ArgoCD, argocd_namespace
from components.dns.deployment import dns_strategy
from components.dns.proof.command import prove, what_to_prove
from components.outputs import export_outputs
from components.projects.component import Applications, ApplicationsArgs


def main() -> None:
    """Declare the stack. The order is that of creation; `destroy` goes the other way."""
    settings = program.read_stack()
    context, namespace = settings.cluster.context, settings.argocd.namespace
    dns = dns_strategy(settings.dns, settings.uses, alert=settings.argocd.alerts_of_dns)
    dns.require_coverage(settings.uses, settings.git.public_hosts)
    asked = what_to_prove(settings.dns, dns, settings.uses, context, namespace)
    allowed = program.access(settings)
    adopted = existing.what_to_adopt(settings, allowed)
    cluster = program.cluster_provider(context)
    first = ResourceOptions(provider=cluster, depends_on=existing.adopted_objects(settings, adopted))
    made = argocd_namespace(settings.argocd, adopted, first)
    name_resolution = dns.deploy(context, ResourceOptions(depends_on=[made]))
    in_place = ResourceOptions(providers=[cluster], depends_on=[made, *name_resolution])
    with_aliases = ResourceOptions.merge(in_place, ResourceOptions(transforms=dns.release_transforms))
    argocd = ArgoCD("argocd", settings.argocd, adopted, opts=with_aliases)
    after_argocd = ResourceOptions.merge(in_place, ResourceOptions(depends_on=[argocd]))
    may_use = Access("access", allowed, adopted, opts=after_argocd)
    proven = prove(asked, after_argocd)
    ready = ResourceOptions.merge(after_argocd, ResourceOptions(depends_on=[may_use, *proven]))
    declared = ApplicationsArgs(context, namespace, settings.applications, settings.application_sets, adopted)
    projects = Applications("projects", declared, opts=ready)
    export_outputs(settings, dns, argocd, projects, asked)


with program.told_as_sentences():
    main()
