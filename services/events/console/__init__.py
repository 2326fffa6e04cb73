"""What organisers see: one module, and one blueprint, a noun."""
