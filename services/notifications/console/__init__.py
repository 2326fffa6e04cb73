"""What organisers see, by noun."""
