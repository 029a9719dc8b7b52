"""What the site grants: AppProjects, repositories and their credentials, and further clusters."""
