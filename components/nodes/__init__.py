"""What the nodes have to know to pull images."""
