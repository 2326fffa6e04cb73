"""What the public sees, by noun."""
