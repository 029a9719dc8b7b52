"""Hosts files and entries: where they come from, and which of them count."""
