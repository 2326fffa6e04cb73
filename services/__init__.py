"""The three services of Muster, each with its own database and its own folder."""
