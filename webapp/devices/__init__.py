"""The phones that answers wait on: which there are, what they hold, which are no longer trusted.

Takes in: what a phone says of itself with each message.  Hands on: whether it may still send.
"""
