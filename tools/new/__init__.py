"""`make new`: ask the few questions that matter, and write a commented stack file."""
