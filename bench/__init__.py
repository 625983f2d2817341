"""What ``mingcha bench`` measures: one module each, named in ``BENCHMARKS``.

Each module has ``run(rounds, seconds)``, which builds its own throw-away installation (``house``),
starts the product as ``mingcha serve`` does, loads it from processes of their own (``client``) and
returns plain figures (``figures``).
"""

BENCHMARKS: dict[str, str] = {
    "submissions": "a whole inspection in one request: 60 answers, 3 signatures, submission",
    "changes": "sixty answers in one message, without signing",
    "one_change": "sync of one change to a full inspection",
    "fill_page": "the form of 44 items, half filled in",
    "queue_page": "the supervisors' queue with 100,000 inspections",
    "papers": "print and sign the record of 40 items and 6 photos, and long ones",
    "paper_memory": "print it 1,000 times in one process: memory (takes ten minutes)",
    "first_visit": "requests and bytes of the first visit to the form on a phone",
    "lightness": "the form on a slowed phone beside the same questions in plain HTML",
    "lighthouse": "what Lighthouse says of the pages that a phone opens",
}
