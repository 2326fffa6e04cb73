"""The use cases, by noun: copies, notices, their sending, the ledger, the mailbox."""
