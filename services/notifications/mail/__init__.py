"""From a notice to a finished mail: its letter, its words, its calendar part, how it is written."""
