"""Notices: what is said to whom, when, and whether it arrived."""
