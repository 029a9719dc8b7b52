"""The stack file: what may stand in it, how it is read, and how mistakes in it are told."""

from components.settings.argocd import ArgoCDSettings
from components.settings.argocd_chart import ChartSettings
from components.settings.cluster import ClusterSettings
from components.settings.dns import (
    ConsulSettings,
    DnsmasqSettings,
    DnsSettings,
    ForwardSettings,
    HostAliasesSettings,
    NoneSettings,
    is_proven,
)
from components.settings.git import GitSettings
from components.settings.hosts import HostsSettings, SshSettings
from components.settings.loader import load_settings
from components.settings.model import Settings, application_name
from components.settings.problems import Problem, SettingsError
from components.settings.projects import DestinationSettings, ProjectSettings
from components.settings.stackfile import StackFile, read_stack_file

__all__ = [
    "ArgoCDSettings",
    "ChartSettings",
    "ClusterSettings",
    "ConsulSettings",
    "DestinationSettings",
    "DnsSettings",
    "DnsmasqSettings",
    "ForwardSettings",
    "GitSettings",
    "HostAliasesSettings",
    "HostsSettings",
    "NoneSettings",
    "Problem",
    "ProjectSettings",
    "Settings",
    "SettingsError",
    "SshSettings",
    "StackFile",
    "application_name",
    "is_proven",
    "load_settings",
    "read_stack_file",
]
