"""Ask the cluster what is there, and know whose it is."""
