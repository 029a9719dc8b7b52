"""How the Git server's name is made to resolve for Argo CD: a class for each strategy."""
