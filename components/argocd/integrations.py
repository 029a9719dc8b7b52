"""Other systems: whom Argo CD trusts (authorities, host keys), its notifications, and webhooks."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from components.argocd.values import Topic, at, in_chart_words, reference
from components.stackfile.base import mistake
from components.stackfile.forms import IPV6, NAME, Form
from components.stackfile.secret_text import SecretText
from components.stackfile.stack_yaml import values_in
from components.stackfile.urls import repository_host

NOTIFICATIONS_SECRET = "argocd-protobox-cd-notifications"  # noqa: S105 - a name
"""Not the chart's own `argocd-notifications-secret`: Helm deletes that one when it is told to make none,
and would then delete ours."""
_GITLAB_SECRET = "webhook.gitlab.secret"  # noqa: S105 - a key

_HOST = Form(
    rf"(?=.{{1,253}}$){NAME}|{IPV6}",
    "{} is not a host name alone",
    "Argo CD looks a certificate up by the host, without scheme and port, and would not find it",
    lambda host: f"write {repository_host(host if '://' in host else f'https://{host}') or 'git.protobox'}",
)
"""Source: Argo CD v3.4.4, `util/cert/cert.go`."""
_ELSE = r"((?!-----)[\s\S])*"
_PEM = Form(
    rf"{_ELSE}(-----BEGIN CERTIFICATE-----\s*M[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----{_ELSE})+",
    "this is no certificate in PEM form, or not only certificates",
    "the TLS connection would fail; and a private key here could be read by everybody in the cluster",
    "paste the CA's certificate as a block:\n"
    "    git.protobox: |\n"
    "      -----BEGIN CERTIFICATE-----\n"
    "      MIID...\n"
    "      -----END CERTIFICATE-----",
)
"""One certificate or several, each of which begins as DER does (X.690, section 8.9), and nothing else."""

CertificateHost = Annotated[str, _HOST, AfterValidator(str.lower)]
Pem = Annotated[str, _PEM]
KnownHost = Annotated[str, Field(pattern=r"^\S+ \S+ [A-Za-z0-9+/=]+[^\n]*$")]
SecretKey = Annotated[str, Field(pattern=r"^[-._A-Za-z0-9]+$", max_length=253)]
NotifierName = Annotated[str, Field(pattern=r"^service\.[^.]+(\.[^.]+)?$")]
TemplateName = Annotated[str, Field(pattern=r"^template\.")]
TriggerName = Annotated[str, Field(pattern=r"^(trigger\.|defaultTriggers)")]


def _yaml_of(kind: type, called: str, example: str) -> AfterValidator:
    """Return what lets only YAML of a kind pass. Source: notifications-engine, `pkg/api/config.go`."""

    def require(text: str) -> str:
        what = ""
        try:
            if any(not isinstance(value, kind | None) for value in values_in(text)[:1]):
                what = f"it is no {called}"
        except ValueError as error:
            what = str(error)
        if what:
            raise mistake(
                f"the text is no YAML that Argo CD could use: {what}",
                "the notifications controller refuses its whole configuration for it, and tells nobody "
                "anything",
                f'write for example "{example}"',
            )
        return text

    return AfterValidator(require)


NotifierText = Annotated[str, _yaml_of(dict, "mapping (key: value)", "token: $slack-token")]
TemplateText = Annotated[str, _yaml_of(dict, "mapping (key: value)", "message: deployed")]
TriggerText = Annotated[
    str, _yaml_of(list, "list", "- {when: app.status.health.status == 'Healthy', send: [app-deployed]}")
]


class NotificationsSettings(Topic):
    """Messages that Argo CD sends when something happens to an Application."""

    enabled: bool | None = Field(default=None, examples=[False])
    """Whether the notifications controller runs; true by default, as in the chart."""
    notifiers: dict[NotifierName, NotifierText] = Field(
        default_factory=dict, examples=[{"service.slack": "token: $slack-token"}]
    )
    """The services to send by, as YAML text. Every name begins with `service.`. Write `$slack-token` where a
    secret belongs, and the secret itself under `secrets`."""
    templates: dict[TemplateName, TemplateText] = Field(
        default_factory=dict, examples=[{"template.app-deployed": "message: deployed"}]
    )
    """The texts to send, as YAML text. Every name begins with `template.`."""
    triggers: dict[TriggerName, TriggerText] = Field(
        default_factory=dict,
        examples=[{"trigger.on-deployed": "- {when: app.status.health.status == 'Healthy', send: [x]}"}],
    )
    """When to send which text, as YAML text. Every name begins with `trigger.`, except for
    `defaultTriggers`."""
    secrets: dict[SecretKey, SecretText] = Field(
        default_factory=dict, examples=[{"slack-token": "{secure: ...}"}]
    )
    """The secrets that the notifiers name, set with `pulumi config set --secret`."""

    def chart_values(self) -> dict[str, Any]:
        """Return the values of the notifications; their secrets are in a Secret of ours."""
        secret = {"create": False, "name": NOTIFICATIONS_SECRET} if self.secrets else {}
        return at(("notifications",), {**in_chart_words(self, "secrets"), **at(("secret",), secret)})


class WebhookSettings(Topic):
    """Calls from the Git server after each push, so that Argo CD need not wait for its next look."""

    gitlab_secret: SecretText = Field(examples=["{secure: ...}"])
    """The token that is also written in GitLab's webhook, set with `pulumi config set --secret`. Calls
    without it are ignored. The webhook's URL is `https://<domain>/api/webhook`."""

    def chart_values(self) -> dict[str, Any]:
        """Return where Argo CD finds the token."""
        return at(("configs", "secret", "gitlabSecret"), reference(_GITLAB_SECRET))

    def secret_data(self) -> dict[str, str]:
        """Return the token."""
        return {_GITLAB_SECRET: self.gitlab_secret.get_secret_value()}
