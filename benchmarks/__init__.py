"""Measurements that are printed for a person; the tests hold what must be true."""
