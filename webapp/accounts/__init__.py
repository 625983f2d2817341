"""People, units, roles and sign-in.

Takes in: names and passwords.  Hands on: ``current_user`` and ``@requires``.
"""
