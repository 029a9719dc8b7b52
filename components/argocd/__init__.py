"""Argo CD itself: the Helm release and its values."""
