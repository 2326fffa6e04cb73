"""What the public sees, a module a noun: the form and its receipt, "my sign-up"."""
