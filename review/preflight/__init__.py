"""Whether a run of Pulumi can work, told before it starts: one table, in less than half a minute."""
