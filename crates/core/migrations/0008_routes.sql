-- Routes that work: why targets were passed over, accounts and models that rest, answers that are kept to be told again.

-- A chat with a provider's model may name a route for when that fails.
ALTER TABLE lane ADD COLUMN fallback_route_id INTEGER REFERENCES route (id);

-- How an attempt came about: first, retry, next_account, next_target, continued.
ALTER TABLE attempt ADD COLUMN reason TEXT NOT NULL DEFAULT 'first';
-- Whom it passed over and why: JSON, a list; null where nobody was.
ALTER TABLE attempt ADD COLUMN skipped TEXT CHECK (skipped IS NULL OR json_valid(skipped));
-- Answered from `response_cache`; nobody was asked.
ALTER TABLE attempt ADD COLUMN cached INTEGER NOT NULL DEFAULT 0 CHECK (cached IN (0, 1));
-- Times that a route moved on.
CREATE INDEX attempt_switch ON attempt (id)
    WHERE (reason IN ('next_target', 'continued') OR (reason = 'first' AND skipped IS NOT NULL));
CREATE INDEX run_route ON run (route_id, id) WHERE route_id IS NOT NULL;

-- What an answer from the response cache would have cost: what it did cost when it was asked for.
ALTER TABLE ledger ADD COLUMN saved_nano INTEGER;
DROP TRIGGER ledger_is_final;
CREATE TRIGGER ledger_is_final BEFORE UPDATE OF kind, adjusts, purpose, vendor, model, outcome, booked_at, booked_day,
    input_total, cache_read, cache_write, input_audio, output_total, reasoning, output_audio, tokens_source, source,
    input_nano, cache_read_nano, cache_write_nano, output_nano, request_nano, total_nano, reported_raw, rates,
    saved_nano ON ledger
BEGIN
    SELECT RAISE(ABORT, 'ledger entries are final');
END;

-- Circuits that are open, so that they survive a restart. One that closes has no row.
CREATE TABLE circuit (
    provider_id    INTEGER NOT NULL REFERENCES provider (id) ON DELETE CASCADE,
    account_id     INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    model          TEXT NOT NULL,
    opened_at      INTEGER NOT NULL,
    until          INTEGER NOT NULL,
    -- times it opened again without an answer between
    doublings      INTEGER NOT NULL DEFAULT 0,
    error_category TEXT NOT NULL,
    error_status   INTEGER,
    error_code     TEXT,
    error_message  TEXT,
    PRIMARY KEY (provider_id, account_id, model)
) STRICT, WITHOUT ROWID;

-- Answers of routes that keep them. The key is a digest of all that was asked; `answer` is what came, as events.
CREATE TABLE response_cache (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    route_id   INTEGER NOT NULL REFERENCES route (id) ON DELETE CASCADE,
    key        TEXT NOT NULL,
    answer     TEXT NOT NULL CHECK (json_valid(answer)),
    bytes      INTEGER NOT NULL,
    -- nano-USD it cost when it was asked for; null where that is not known
    cost_nano  INTEGER,
    created_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL,
    UNIQUE (route_id, key)
) STRICT;
CREATE INDEX response_cache_used ON response_cache (route_id, used_at);

-- The built-in route: every provider that serves the asked model, in the order of their priorities. It has no targets
-- of its own.
INSERT INTO route (slug, name, strategy, created_at, updated_at) VALUES ('in-my-order', '', 'priority', 0, 0);

-- A chat's target may be a route now, and says which of the two it is.
UPDATE setting SET value = json_set(value, '$.kind', 'model') WHERE key = 'last_target' AND json_type(value) = 'object';
UPDATE setting SET value = (SELECT json_group_array(json_set(each.value, '$.kind', 'model')) FROM json_each(setting.value) AS each)
    WHERE key = 'recent_targets' AND json_type(value) = 'array';
