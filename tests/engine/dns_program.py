"""The DNS part of the program and nothing else, so that a test of it does not wait for Argo CD."""

from components.dns.strategy import dns_strategy
from components.projects.declared import declared_applications, hosts_in_use
from components.stack import read_settings, told_as_sentences


def main() -> None:
    """Declare what the stack file says about DNS."""
    settings = read_settings()
    dns = dns_strategy(settings.dns, hosts_in_use(declared_applications(settings)))
    dns.deploy(settings.cluster.context)


if __name__ == "__main__":
    with told_as_sentences():
        main()
