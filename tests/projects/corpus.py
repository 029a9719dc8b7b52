"""One project for each thing that a project may say, with values as a site would write them."""

from __future__ import annotations

from typing import Any

PROJECTS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "place": {
        "application": "billing.eu",
        "repository": "http://git.protobox/gitlab/shop/billing.git",
        "revision": "main",
        "path": "deploy",
        "appProject": "default",
        "destination": {"name": "in-cluster", "namespace": "billing"},
    },
    "kustomize": {
        "kustomize": {
            "version": "v5",
            "namePrefix": "eu-",
            "nameSuffix": "-1",
            "namespace": "shop",
            "images": ["registry.protobox/shop:1.4"],
            "replicas": [{"name": "shop", "count": 2}],
            "components": ["../components/tls"],
            "ignoreMissingComponents": True,
            "patches": [
                {"target": {"kind": "Deployment"}, "patch": "- op: remove\n  path: /spec/replicas\n"}
            ],
            "commonLabels": {"team": "shop"},
            "commonAnnotations": {"contact": "shop"},
            "commonAnnotationsEnvsubst": True,
            "forceCommonLabels": True,
            "forceCommonAnnotations": True,
            "labelWithoutSelector": True,
            "labelIncludeTemplates": True,
            "kubeVersion": "1.32.0",
            "apiVersions": ["monitoring.coreos.com/v1"],
        }
    },
    "helm": {
        "helm": {
            "releaseName": "shop",
            "valueFiles": ["values.yaml"],
            "values": "a: 1\n",
            "valuesObject": {"a": {"b": [1, True, None]}},
            "parameters": [{"name": "image.tag", "value": "1.4", "forceString": True}],
            "fileParameters": [{"name": "config", "path": "files/config.json"}],
            "ignoreMissingValueFiles": True,
            "passCredentials": True,
            "skipCrds": True,
            "skipSchemaValidation": True,
            "skipTests": True,
            "version": "v3",
            "namespace": "shop",
            "kubeVersion": "1.32.0",
            "apiVersions": ["v1"],
        }
    },
    "directory": {
        "directory": {
            "recurse": True,
            "include": "*.yaml",
            "exclude": "config.yaml",
            "jsonnet": {
                "extVars": [{"name": "a", "value": "1", "code": True}],
                "tlas": [{"name": "b", "value": "2"}],
                "libs": ["vendor"],
            },
        }
    },
    "plugin": {
        "plugin": {
            "name": "sops",
            "env": [{"name": "AGE", "value": "1"}],
            "parameters": [{"name": "files", "array": ["a"]}, {"name": "m", "map": {"a": "b"}}],
        }
    },
    "chart": {"repository": "registry.protobox/charts", "chart": "shop", "revision": "1.2.3"},
    "sources": {
        "sources": [
            {"helm": {"valueFiles": ["$values/shop.yaml"]}},
            {"repository": "http://git.protobox/gitlab/shop/values.git", "ref": "values"},
            {"repository": "https://charts.protobox", "chart": "extra", "revision": "1.0.0", "name": "extra"},
        ]
    },
    "destinations": {"destinations": {"in-cluster": {}, "blue": {"name": "in-cluster", "path": "blue"}}},
    "sync": {
        "wait": "healthy",
        "waitSeconds": 600,
        "syncPolicy": {
            "automated": {"enabled": True, "prune": True, "selfHeal": True, "allowEmpty": False},
            "syncOptions": ["CreateNamespace=true", "ServerSideApply=true"],
            "retry": {"limit": 5, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
            "managedNamespaceMetadata": {"labels": {"team": "shop"}, "annotations": {"a": "b"}},
        },
        "destination": {"namespace": "shop"},
    },
    "rest": {
        "ignoreDifferences": [
            {
                "group": "apps",
                "kind": "Deployment",
                "name": "shop",
                "namespace": "shop",
                "jsonPointers": ["/spec/replicas"],
                "jqPathExpressions": [".spec.template"],
                "managedFieldsManagers": ["kube-controller-manager"],
            }
        ],
        "info": [{"name": "Team", "value": "shop"}],
        "labels": {"team": "shop"},
        "annotations": {"link.argocd.argoproj.io/docs": "http://docs.protobox"},
        "notifications": {"on-sync-failed.email": "shop@protobox"},
        "revisionHistoryLimit": 0,
        "cascade": "background",
        "protect": True,
        "adopt": True,
        "drop": ["spec.syncPolicy"],
        "spec": {"source": {"directory": {"recurse": True}}},
    },
}
