-- What the dashboard asks of the ledger, and its sums by day and month.

ALTER TABLE ledger ADD COLUMN first_token_ms INTEGER;
ALTER TABLE ledger ADD COLUMN duration_ms INTEGER;
-- asked: by a person, for a new version of an answer; tried: by us, after an attempt that failed
ALTER TABLE ledger ADD COLUMN again TEXT NOT NULL DEFAULT 'first' CHECK (again IN ('first', 'asked', 'tried'));
-- told from the response cache: nobody was asked
ALTER TABLE ledger ADD COLUMN cached INTEGER NOT NULL DEFAULT 0 CHECK (cached IN (0, 1));
-- nano-USD that the prompt cache saved, its writing paid; null where prices or counts are unknown
ALTER TABLE ledger ADD COLUMN cache_saved_nano INTEGER;

DROP TRIGGER ledger_is_final;
UPDATE ledger SET
    first_token_ms = attempt.first_token_ms,
    duration_ms = attempt.duration_ms,
    cached = attempt.cached,
    again = CASE WHEN attempt.reason <> 'first' THEN 'tried' WHEN run.trigger = 'retry' THEN 'asked' ELSE 'first' END
    FROM attempt JOIN run ON run.id = attempt.run_id
    WHERE attempt.id = ledger.attempt_id AND ledger.kind = 'entry';
-- Real numbers: a count that some vendor made up must not stop the app from opening.
UPDATE ledger SET cache_saved_nano = CAST((
        coalesce(cache_read, 0) * 1.0 * ((rates ->> '$.input') - coalesce(rates ->> '$.cache_read', rates ->> '$.input'))
        - coalesce(cache_write, 0) * 1.0 * (coalesce(rates ->> '$.cache_write', rates ->> '$.input') - (rates ->> '$.input'))
    ) / 1e6 AS INTEGER)
    WHERE kind = 'entry' AND rates ->> '$.input' IS NOT NULL AND (cache_read IS NOT NULL OR cache_write IS NOT NULL);
CREATE TRIGGER ledger_is_final BEFORE UPDATE OF kind, adjusts, purpose, vendor, model, outcome, booked_at, booked_day,
    input_total, cache_read, cache_write, input_audio, output_total, reasoning, output_audio, tokens_source, source,
    input_nano, cache_read_nano, cache_write_nano, output_nano, request_nano, total_nano, reported_raw, rates,
    saved_nano, first_token_ms, duration_ms, again, cached, cache_saved_nano ON ledger
BEGIN
    SELECT RAISE(ABORT, 'ledger entries are final');
END;

-- The log, newest first, and the same for one kind of request. They hold all that is filtered by.
DROP INDEX ledger_day;
CREATE INDEX ledger_log ON ledger (booked_day, id, provider_id, model, account_id, route_id, purpose, outcome)
    WHERE kind = 'entry';
CREATE INDEX ledger_alike ON ledger (provider_id, model, purpose, outcome, account_id, route_id, booked_day)
    WHERE kind = 'entry';

-- Each entry with its adjustments, none is 0. It is as sure as its last adjustment. `first_token` is the lower edge of
-- an eighth of an octave.
CREATE VIEW ledger_settled AS
SELECT entry.id, entry.conversation_id, entry.booked_day,
    coalesce(entry.provider_id, 0) AS provider_id,
    coalesce(entry.account_id, 0) AS account_id,
    coalesce(entry.route_id, 0) AS route_id,
    entry.model, entry.purpose, entry.outcome,
    coalesce((SELECT late.source FROM ledger AS late WHERE late.adjusts = entry.id ORDER BY late.id DESC LIMIT 1),
        entry.source) AS source,
    entry.again,
    coalesce(entry.total_nano, 0) +
        (SELECT total(late.total_nano) FROM ledger AS late WHERE late.adjusts = entry.id) AS total_nano,
    entry.input_total, entry.cache_read, entry.cache_write, entry.output_total, entry.reasoning,
    entry.cache_saved_nano, entry.saved_nano,
    entry.first_token_ms - entry.first_token_ms % CASE
        WHEN entry.first_token_ms < 16 THEN 1
        WHEN entry.first_token_ms < 32 THEN 2
        WHEN entry.first_token_ms < 64 THEN 4
        WHEN entry.first_token_ms < 128 THEN 8
        WHEN entry.first_token_ms < 256 THEN 16
        WHEN entry.first_token_ms < 512 THEN 32
        WHEN entry.first_token_ms < 1024 THEN 64
        WHEN entry.first_token_ms < 2048 THEN 128
        WHEN entry.first_token_ms < 4096 THEN 256
        WHEN entry.first_token_ms < 8192 THEN 512
        WHEN entry.first_token_ms < 16384 THEN 1024
        WHEN entry.first_token_ms < 32768 THEN 2048
        WHEN entry.first_token_ms < 65536 THEN 4096
        WHEN entry.first_token_ms < 131072 THEN 8192
        WHEN entry.first_token_ms < 262144 THEN 16384
        WHEN entry.first_token_ms < 524288 THEN 32768
        ELSE 65536 END AS first_token
FROM ledger AS entry WHERE entry.kind = 'entry';

-- Sums by local day (YYYY-MM-DD) and by month (YYYY-MM); they can always be made anew from the rows. What does not fit
-- below 2^53 stays at that bound and counts as unreadable.
CREATE TABLE ledger_rollup (
    bucket      TEXT NOT NULL,
    -- 0 is none
    provider_id INTEGER NOT NULL,
    account_id  INTEGER NOT NULL,
    route_id    INTEGER NOT NULL,
    model       TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    source      TEXT NOT NULL,
    again       TEXT NOT NULL,
    entries          INTEGER NOT NULL,
    total_nano       INTEGER NOT NULL,
    input_total      INTEGER NOT NULL,
    cache_read       INTEGER NOT NULL,
    cache_write      INTEGER NOT NULL,
    output_total     INTEGER NOT NULL,
    reasoning        INTEGER NOT NULL,
    cache_saved_nano INTEGER NOT NULL,
    saved_nano       INTEGER NOT NULL,
    -- times to the first token: how many by lower edge
    first_token      TEXT NOT NULL CHECK (json_valid(first_token)),
    PRIMARY KEY (bucket, provider_id, account_id, route_id, model, purpose, outcome, source, again)
) STRICT, WITHOUT ROWID;
INSERT INTO ledger_rollup
SELECT bucket, provider_id, account_id, route_id, model, purpose, outcome, source, again,
    sum(entries),
    CAST(max(-9007199254740992, min(9007199254740992, total(total_nano))) AS INTEGER),
    CAST(max(-9007199254740992, min(9007199254740992, total(input_total))) AS INTEGER),
    CAST(max(-9007199254740992, min(9007199254740992, total(cache_read))) AS INTEGER),
    CAST(max(-9007199254740992, min(9007199254740992, total(cache_write))) AS INTEGER),
    CAST(max(-9007199254740992, min(9007199254740992, total(output_total))) AS INTEGER),
    CAST(max(-9007199254740992, min(9007199254740992, total(reasoning))) AS INTEGER),
    CAST(max(-9007199254740992, min(9007199254740992, total(cache_saved_nano))) AS INTEGER),
    CAST(max(-9007199254740992, min(9007199254740992, total(saved_nano))) AS INTEGER),
    json_group_object(first_token, entries) FILTER (WHERE first_token IS NOT NULL)
FROM (
    SELECT substr(booked_day, 1, span.length) AS bucket, provider_id, account_id, route_id, model, purpose, outcome,
        source, again, first_token, count(*) AS entries, total(total_nano) AS total_nano,
        total(input_total) AS input_total, total(cache_read) AS cache_read, total(cache_write) AS cache_write,
        total(output_total) AS output_total, total(reasoning) AS reasoning,
        total(cache_saved_nano) AS cache_saved_nano, total(saved_nano) AS saved_nano
    FROM ledger_settled CROSS JOIN (SELECT 10 AS length UNION ALL SELECT 7) AS span
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
