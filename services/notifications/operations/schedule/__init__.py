"""The weekly schedule mail: what is on and new, planning who is told, reading what is told."""
