"""What a reviewer sees of a change: the note on the merge request, the guard, the preflight, drift."""
