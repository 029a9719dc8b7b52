"""What the program is made of: settings, Argo CD, projects and name resolution."""
