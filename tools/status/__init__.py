"""`make status`: what has become of a stack, at a glance."""
