"""The stack file: what may stand in it, how it is read, and how mistakes in it are told."""

from components.settings.argocd import ArgoCDSettings as ArgoCDSettings
from components.settings.argocd_chart import ChartSettings as ChartSettings
from components.settings.cluster import ClusterSettings as ClusterSettings
from components.settings.dns import ClusterDnsSettings as ClusterDnsSettings
from components.settings.dns import ConsulSettings as ConsulSettings
from components.settings.dns import DnsmasqSettings as DnsmasqSettings
from components.settings.dns import DnsSettings as DnsSettings
from components.settings.dns import ForwardSettings as ForwardSettings
from components.settings.dns import HostAliasesSettings as HostAliasesSettings
from components.settings.dns import HostsStrategySettings as HostsStrategySettings
from components.settings.dns import NoneSettings as NoneSettings
from components.settings.dns import is_proven as is_proven
from components.settings.git import GitSettings as GitSettings
from components.settings.hosts import HostsSettings as HostsSettings
from components.settings.hosts import SshSettings as SshSettings
from components.settings.loader import load_settings as load_settings
from components.settings.model import Settings as Settings
from components.settings.model import application_name as application_name
from components.settings.problems import Problem as Problem
from components.settings.problems import SettingsError as SettingsError
from components.settings.projects import DestinationSettings as DestinationSettings
from components.settings.projects import ProjectSettings as ProjectSettings
from components.settings.stackfile import StackFile as StackFile
from components.settings.stackfile import read_stack_file as read_stack_file
