"""People sign a printed paper, one after the other, before the organisation's seal.

Takes in: a document that is printed and whose kind names persons who sign.  Hands on:
``document.countersigned``, on which ``documents.service`` seals it.
"""
