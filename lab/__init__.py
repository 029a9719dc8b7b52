"""A customer's site on one machine, without root and without containers: cluster, DNS and engine."""
