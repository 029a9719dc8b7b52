"""A small GitLab for tests: which jobs a pipeline has, what stands in each, and a runner for one of them."""
