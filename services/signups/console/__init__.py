"""What organisers see, a module a noun: people, sign-ups, the waiting list."""
