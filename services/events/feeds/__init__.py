"""How what is on is told outside: calendars, feeds, search engines, pictures, other sites."""
