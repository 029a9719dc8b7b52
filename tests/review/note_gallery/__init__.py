"""Notes as GitLab's pages show them, in a real browser."""
