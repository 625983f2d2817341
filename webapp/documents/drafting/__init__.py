"""Papers that people write: begun, filled in, looked at, handed on, issued.

From the issue on a drafted paper goes the way of all documents (``documents.service``).
"""
