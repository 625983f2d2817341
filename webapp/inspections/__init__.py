"""One visit: its team, answers, photos, signatures and submissions.

Takes in: a published checklist and what inspectors enter.  Hands on: ``inspection.submitted``.
"""
