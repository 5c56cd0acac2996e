"""What joins another journal, attached as `part`, to one that is written (`main`).

Plans are the same where their fingerprints are, questions where plan and place are, and answers
where their request is. So a journal that is joined twice changes nothing the second time.
"""

from medtrust.runner.shard import ELSEWHERE

STEPS = (
    # In the part's order: the latest plan of a model, task and dataset stays the latest.
    """
    INSERT INTO plans (fingerprint, body, used, listed)
    SELECT fingerprint, body,
        row_number() OVER (ORDER BY used, id) + (SELECT coalesce(max(used), 0) FROM main.plans),
        listed
    FROM part.plans WHERE true
    ON CONFLICT DO UPDATE SET used = excluded.used, listed = max(listed, excluded.listed)
    """,
    "INSERT OR IGNORE INTO samples SELECT digest, body FROM part.samples",
    "INSERT OR IGNORE INTO responses SELECT key, request, body, at FROM part.responses",
    """
    INSERT OR IGNORE INTO images
    SELECT digest, id, mime, bytes, width, height, notes FROM part.images
    """,
    f"""
    INSERT INTO items (plan, sample, repeat, turn, chunk, digest, image, stamp, key)
    SELECT own.id, sample, repeat, turn, {ELSEWHERE}, digest, image, stamp, key
    FROM part.items JOIN part.plans AS theirs ON theirs.id = plan
    JOIN main.plans AS own USING (fingerprint) WHERE true
    ON CONFLICT DO UPDATE SET
        key = excluded.key, digest = excluded.digest, image = excluded.image,
        stamp = excluded.stamp
    WHERE items.key IS NULL
    """,  # noqa: S608 - a constant
    """
    INSERT OR IGNORE INTO failures (plan, sample, repeat, turn, outcome, message, at)
    SELECT own.id, sample, repeat, turn, outcome, message, at
    FROM part.failures JOIN part.plans AS theirs ON theirs.id = plan
    JOIN main.plans AS own USING (fingerprint)
    """,
    """
    DELETE FROM failures WHERE EXISTS (
        SELECT 1 FROM items WHERE items.plan = failures.plan AND items.sample = failures.sample
        AND items.repeat = failures.repeat AND items.turn = failures.turn AND key IS NOT NULL)
    """,
    """
    UPDATE plans SET finished = NOT EXISTS (
        SELECT 1 FROM items WHERE plan = plans.id AND key IS NULL AND NOT EXISTS (
            SELECT 1 FROM failures WHERE failures.plan = items.plan
            AND failures.sample = items.sample AND failures.repeat = items.repeat
            AND failures.turn = items.turn))
    """,
)
