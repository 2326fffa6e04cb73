"""Subscribers of the weekly schedule mail: asking, confirming, choosing, ending."""
