"""Unsent work that reaches the bureau as a file: a phone that is broken, locked or revoked.

Takes in: rescue files (docs/sync.md).  Hands on: the items that a phone sends, in
its owner's name.
"""
