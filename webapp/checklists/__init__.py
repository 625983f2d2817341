"""What is asked: checklist definitions, question kinds, and the rules over answers.

Owns the catalogue (one YAML file per checklist), its immutable published versions, and every
kind of question.  Takes in nothing but files and answers; hands on questions to ask, values
that are known to be well formed, and what is missing or suspicious among them.
"""
