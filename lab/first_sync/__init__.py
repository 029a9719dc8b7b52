"""The page's site with a real Argo CD on it, in a network of its own: the failure and its cure."""
