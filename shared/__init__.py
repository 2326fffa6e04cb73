"""How the services talk, store and start; nothing here knows what an event or a sign-up means."""
