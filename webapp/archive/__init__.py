"""Sealed documents for decades: archive numbers, search, fixity.

Takes in: ``document.signed``.
"""
