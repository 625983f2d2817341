"""What the answers amount to: findings with legal basis, severity and deadline.

Takes in: ``inspection.submitted``.  Hands on: findings that a supervisor confirms or dismisses.
"""
