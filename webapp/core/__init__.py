"""What every slice stands on: settings, database, events, errors, time, storage.

It knows no slice.
"""
