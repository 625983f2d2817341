"""Policy figures (政策参数): the dated numbers that computed rules compare with.

Checklists declare which there are and what the product ships; a bureau enters its own, each with
the day from which it counts and the paper that says so.  Takes in checklists; hands on the
figures in force on a day, so that a doubt can name the one it rests on.
"""
