"""An API server that answers wrongly, late or not at all, while `pulumi` works."""
