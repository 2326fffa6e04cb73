"""What is decided here without web, database, mail server or clock."""
