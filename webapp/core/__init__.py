"""What every slice stands on: settings, database, events, errors, time, storage.  Knows no slice."""
