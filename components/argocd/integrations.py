"""What Argo CD exchanges with other systems: notifications and webhooks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.stackfile.base import Section
from components.stackfile.secret_text import SecretText

SecretKey = Annotated[str, Field(pattern=r"^[-._A-Za-z0-9]+$", max_length=253)]
NotifierName = Annotated[str, Field(pattern=r"^service\.")]
TemplateName = Annotated[str, Field(pattern=r"^template\.")]
TriggerName = Annotated[str, Field(pattern=r"^(trigger\.|defaultTriggers)")]


class NotificationsSettings(Section):
    """Messages that Argo CD sends when something happens to an Application."""

    enabled: bool | None = Field(default=None, examples=[False])
    """Whether the notifications controller runs; true by default, as in the chart."""
    notifiers: dict[NotifierName, str] = Field(
        default_factory=dict, examples=[{"service.slack": "token: $slack-token"}]
    )
    """The services to send by, as YAML text. Every name begins with `service.`. Write `$slack-token` where a
    secret belongs, and the secret itself under `secrets`."""
    templates: dict[TemplateName, str] = Field(
        default_factory=dict, examples=[{"template.app-deployed": "message: deployed"}]
    )
    """The texts to send, as YAML text. Every name begins with `template.`."""
    triggers: dict[TriggerName, str] = Field(
        default_factory=dict,
        examples=[{"trigger.on-deployed": "- {when: app.status.health.status == 'Healthy', send: [x]}"}],
    )
    """When to send which text, as YAML text. Every name begins with `trigger.`, except for
    `defaultTriggers`."""
    secrets: dict[SecretKey, SecretText] = Field(
        default_factory=dict, examples=[{"slack-token": "{secure: ...}"}]
    )
    """The secrets that the notifiers name, set with `pulumi config set --secret`."""


class WebhookSettings(Section):
    """Calls from the Git server after each push, so that Argo CD need not wait for its next look."""

    gitlab_secret: SecretText = Field(examples=["{secure: ...}"])
    """The token that is also written in GitLab's webhook, set with `pulumi config set --secret`. Calls
    without it are ignored. The webhook's URL is `https://<domain>/api/webhook`."""
