"""Stand-in for `pulumi-resource-kubernetes`: objects by the Kubernetes API, releases by the Helm CLI."""
