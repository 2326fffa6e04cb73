"""People's sign-ups: who has a place, who waits, and what they may change."""
