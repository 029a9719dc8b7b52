"""What every section of the stack file needs, and no section."""
