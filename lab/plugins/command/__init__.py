"""Stand-in for `pulumi-resource-command`: local commands."""
