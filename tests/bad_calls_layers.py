"""Calls that must be refused, each with the sentence it gives: everything that is not a sliding window."""

BAD_CALLS: list[tuple] = []
