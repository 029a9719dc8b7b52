"""Name resolution: how Argo CD learns where the private Git server is."""
