"""Groups, events and shifts: what is on, where, when, and how many places it has."""
