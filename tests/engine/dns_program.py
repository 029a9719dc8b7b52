"""The DNS part of the program and nothing else, so that a test of it does not wait for Argo CD."""

from components.dns.deployment import dns_strategy
from components.program import read_stack, told_as_sentences
from components.projects.application import hosts_in_use


def main() -> None:
    """Declare what the stack file says about DNS."""
    settings = read_stack()
    dns = dns_strategy(settings.dns, hosts_in_use(settings.applications))
    dns.deploy(settings.cluster.context)


if __name__ == "__main__":
    with told_as_sentences():
        main()
