"""The Secrets that keep what Helm values must not hold."""

from __future__ import annotations

import re

from components.argocd.chart_values import chart_values, secret_manifests
from tests.argocd.options import EVERYTHING, OIDC, PEM, argocd


def test_settings_without_secrets_need_no_secret() -> None:
    assert secret_manifests(argocd()) == []
    assert secret_manifests(argocd(admin={"password": "x"}, notifications={"enabled": True})) == []


def test_client_webhook_and_notification_secrets_are_kept_in_two_secrets_that_argo_cd_reads() -> None:
    labels = {"app.kubernetes.io/part-of": "argocd", "app.kubernetes.io/managed-by": "protobox-cd"}
    assert secret_manifests(argocd(**EVERYTHING, namespace="gitops")) == [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "argocd-protobox-cd", "namespace": "gitops", "labels": labels},
            "type": "Opaque",
            "stringData": {
                "dex.gitlab.clientSecret": "gitlab-client-secret",
                "dex.gitlab.rootCA": PEM,
                "webhook.gitlab.secret": "webhook-token",
            },
        },
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "argocd-protobox-cd-notifications", "namespace": "gitops", "labels": labels},
            "type": "Opaque",
            "stringData": {"slack-token": "xoxb-secret"},
        },
    ]


def test_every_reference_in_the_values_leads_to_a_key_that_exists() -> None:
    for sso in (EVERYTHING["sso"], {"oidc": OIDC}):
        section = argocd(**{**EVERYTHING, "sso": sso})
        kept = {
            f"${secret['metadata']['name']}:{key}"
            for secret in secret_manifests(section)
            for key in secret["stringData"]
        }
        referred = set(re.findall(r"\$argocd-protobox-cd:[\w.]+", str(chart_values(section, "dev"))))
        assert len(referred) == 2
        assert referred <= kept
