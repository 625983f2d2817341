"""Mingcha: inspection checklists, stored answers, signed findings."""
