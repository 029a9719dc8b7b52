"""What a person runs beside Pulumi."""
