"""Pulumi's two provider plugins, also on a machine without internet access, which cannot download them.

The Kubernetes plugin is then the real one, built from its Go module, of an earlier version. The command
plugin, which no Go module has, is a stand-in (`lab/programs/go/plugins`). `install.py` puts them where the
engine looks, and takes them away again as soon as the exact plugin is there.
"""
