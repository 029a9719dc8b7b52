"""Start the stand-in for the Kubernetes plugin."""

from lab.plugins.kubernetes.provider import Kubernetes
from lab.plugins.serve import serve

serve(Kubernetes)
