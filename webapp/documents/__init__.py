"""What goes on paper: the site record and the feedback statement, rendered, signed and checked.

Owns documents, their numbers and their signatures.  Takes an approved inspection as one frozen
:class:`~webapp.documents.snapshot.Snapshot`; hands signed PDF bytes on to the archive.
"""
