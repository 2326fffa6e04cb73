"""What stands between our mails and people's inboxes, and what to change: `muster mail doctor`."""
