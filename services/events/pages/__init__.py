"""What the public sees: one module, and one blueprint, a noun."""
