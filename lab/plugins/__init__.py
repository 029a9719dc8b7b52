"""Stand-ins for the two provider plugins that a machine without internet access cannot download.

`install.py` puts them where the engine looks, and takes them away again as soon as the real plugin is there.
Each stand-in speaks the provider protocol over gRPC and does its work with real tools: the Kubernetes API,
the Helm CLI, a shell.
"""
