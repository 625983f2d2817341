"""The supervisor's decision on a submission: approve with wording, or return with comments.

Takes in: submissions and their findings.  Hands on: ``review.approved`` and ``review.returned``.
"""
