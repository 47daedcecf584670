-- The whole shape of a Parlance store. Ids are AUTOINCREMENT: order never depends on the wall clock.
-- Times are UTC milliseconds. Money is integer nano-USD and lives in `ledger` alone.

CREATE TABLE setting (
    key        TEXT PRIMARY KEY,
    value      TEXT NOT NULL CHECK (json_valid(value)),
    updated_at INTEGER NOT NULL
) STRICT;

-- Providers: a vendor as configured by the user. Secrets are never here.

CREATE TABLE provider (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    slug          TEXT NOT NULL UNIQUE,
    vendor        TEXT NOT NULL,
    name          TEXT NOT NULL,
    base_url      TEXT NOT NULL,
    enabled       INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    priority      INTEGER NOT NULL DEFAULT 100,
    default_model TEXT,
    embedding_model TEXT,
    config        TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(config)),
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    deleted_at    INTEGER
) STRICT;

CREATE TABLE account (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    provider_id INTEGER NOT NULL REFERENCES provider (id),
    label       TEXT NOT NULL,
    enabled     INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    position    INTEGER NOT NULL DEFAULT 0,
    -- where the secret is: none, session, env, keyring, vault
    secret_store TEXT NOT NULL DEFAULT 'none' CHECK (secret_store IN ('none', 'session', 'env', 'keyring', 'vault')),
    -- env: the variable's name; keyring and vault: the entry's name
    secret_ref  TEXT,
    -- scheme://host:port the secret was given for (KEY-9)
    secret_origin TEXT,
    secret_hint TEXT,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    deleted_at  INTEGER
) STRICT;
CREATE INDEX account_provider ON account (provider_id, position);

CREATE TABLE provider_model (
    provider_id INTEGER NOT NULL REFERENCES provider (id) ON DELETE CASCADE,
    model       TEXT NOT NULL,
    position    INTEGER NOT NULL,
    info        TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(info)),
    fetched_at  INTEGER NOT NULL,
    PRIMARY KEY (provider_id, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE route (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    slug       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    strategy   TEXT NOT NULL,
    config     TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(config)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT;

CREATE TABLE route_target (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    route_id    INTEGER NOT NULL REFERENCES route (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    provider_id INTEGER NOT NULL REFERENCES provider (id),
    account_id  INTEGER REFERENCES account (id),
    model       TEXT NOT NULL,
    weight      INTEGER NOT NULL DEFAULT 1 CHECK (weight > 0),
    parameters  TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(parameters))
) STRICT;
CREATE INDEX route_target_route ON route_target (route_id, position);

CREATE TABLE budget (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    scope       TEXT NOT NULL CHECK (scope IN ('all', 'provider', 'route')),
    provider_id INTEGER REFERENCES provider (id),
    route_id    INTEGER REFERENCES route (id),
    period      TEXT NOT NULL CHECK (period IN ('day', 'month')),
    limit_nano  INTEGER NOT NULL CHECK (limit_nano >= 0),
    warn_at     TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(warn_at)),
    at_limit    TEXT NOT NULL CHECK (at_limit IN ('warn', 'ask', 'stop')),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;

-- History: conversation -> lanes -> messages; a turn holds the prompt once, however many lanes answer it.

CREATE TABLE conversation (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL DEFAULT 'chat' CHECK (kind IN ('chat', 'compare')),
    title       TEXT NOT NULL DEFAULT '',
    -- auto: made from the first message; user: never touched again by us
    title_by    TEXT NOT NULL DEFAULT 'auto' CHECK (title_by IN ('auto', 'user')),
    pinned      INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
    draft       TEXT NOT NULL DEFAULT '',
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    -- rises with each change; the list's order, whatever the clock does
    touched     INTEGER NOT NULL,
    archived_at INTEGER,
    deleted_at  INTEGER
) STRICT;
CREATE INDEX conversation_touched ON conversation (touched DESC);

CREATE TABLE lane (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    position        INTEGER NOT NULL,
    -- target: a provider's model, or a route
    provider_id     INTEGER REFERENCES provider (id),
    model           TEXT,
    route_id        INTEGER REFERENCES route (id),
    parameters      TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(parameters)),
    system_prompt   TEXT,
    active_leaf     INTEGER REFERENCES message (id),
    UNIQUE (conversation_id, position)
) STRICT;

CREATE TABLE turn (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    created_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX turn_conversation ON turn (conversation_id);

CREATE TABLE attachment (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256     TEXT NOT NULL UNIQUE,
    media_type TEXT NOT NULL,
    bytes      INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE turn_part (
    turn_id       INTEGER NOT NULL REFERENCES turn (id) ON DELETE CASCADE,
    ordinal       INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    text          TEXT,
    attachment_id INTEGER REFERENCES attachment (id),
    meta          TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(meta)),
    PRIMARY KEY (turn_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    lane_id    INTEGER NOT NULL REFERENCES lane (id) ON DELETE CASCADE,
    turn_id    INTEGER NOT NULL REFERENCES turn (id) ON DELETE CASCADE,
    -- may lie in another lane: shared history
    parent_id  INTEGER REFERENCES message (id),
    role       TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    status     TEXT NOT NULL CHECK (status IN ('streaming', 'complete', 'interrupted', 'failed', 'cancelled')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT;
CREATE INDEX message_lane ON message (lane_id, id);
CREATE INDEX message_parent ON message (parent_id);
CREATE INDEX message_streaming ON message (id) WHERE status = 'streaming';

-- Runs: one send, retry or continue. Attempts: each time a provider was asked.

CREATE TABLE run (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    -- null for runs outside any chat: checks, embeddings, gateway
    message_id      INTEGER REFERENCES message (id) ON DELETE SET NULL,
    conversation_id INTEGER REFERENCES conversation (id) ON DELETE SET NULL,
    purpose         TEXT NOT NULL CHECK (purpose IN
        ('chat', 'compare', 'merge', 'judge', 'prompt_set', 'gateway', 'title', 'embedding', 'index', 'check')),
    trigger         TEXT NOT NULL DEFAULT 'send' CHECK (trigger IN ('send', 'retry', 'continue', 'other')),
    route_id        INTEGER REFERENCES route (id),
    started_at      INTEGER NOT NULL,
    ended_at        INTEGER,
    outcome         TEXT CHECK (outcome IN ('complete', 'interrupted', 'failed', 'cancelled'))
) STRICT;
CREATE INDEX run_message ON run (message_id);

CREATE TABLE attempt (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id          INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    ordinal         INTEGER NOT NULL,
    provider_id     INTEGER NOT NULL REFERENCES provider (id),
    account_id      INTEGER REFERENCES account (id),
    vendor          TEXT NOT NULL,
    model           TEXT NOT NULL,
    model_served    TEXT,
    response_id     TEXT,
    started_at      INTEGER NOT NULL,
    -- milliseconds from the start of the attempt to the first output
    first_token_ms  INTEGER,
    duration_ms     INTEGER,
    outcome         TEXT NOT NULL DEFAULT 'running' CHECK (outcome IN
        ('running', 'complete', 'interrupted', 'failed', 'cancelled')),
    finish_class    TEXT,
    finish_reason   TEXT,
    error_category  TEXT,
    error_status    INTEGER,
    error_code      TEXT,
    error_message   TEXT,
    request_id      TEXT,
    UNIQUE (run_id, ordinal)
) STRICT;
CREATE INDEX attempt_provider ON attempt (provider_id, started_at);
CREATE INDEX attempt_running ON attempt (id) WHERE outcome = 'running';

CREATE TABLE part (
    message_id    INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    ordinal       INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    -- who wrote it: a seam is where the attempt changes
    attempt_id    INTEGER REFERENCES attempt (id) ON DELETE SET NULL,
    text          TEXT,
    attachment_id INTEGER REFERENCES attachment (id),
    meta          TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(meta)),
    -- byte for byte for the next turn, with the dialect, provider and model it is good for
    opaque         TEXT,
    opaque_dialect TEXT,
    opaque_provider_id INTEGER,
    opaque_model   TEXT,
    PRIMARY KEY (message_id, ordinal)
) STRICT, WITHOUT ROWID;

-- Text of a running answer, appended; folded into parts at its end.
CREATE TABLE stream_chunk (
    attempt_id INTEGER NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
    sequence   INTEGER NOT NULL,
    part       INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    text       TEXT NOT NULL,
    meta       TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(meta)),
    PRIMARY KEY (attempt_id, sequence)
) STRICT, WITHOUT ROWID;

-- One entry an attempt; late figures are rows of kind 'adjustment' that point to it. Nothing is updated.
CREATE TABLE ledger (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    kind             TEXT NOT NULL DEFAULT 'entry' CHECK (kind IN ('entry', 'adjustment')),
    adjusts          INTEGER REFERENCES ledger (id),
    attempt_id       INTEGER REFERENCES attempt (id) ON DELETE SET NULL,
    -- deleting a chat nulls this, never the money
    conversation_id  INTEGER REFERENCES conversation (id) ON DELETE SET NULL,
    purpose          TEXT NOT NULL,
    provider_id      INTEGER REFERENCES provider (id),
    account_id       INTEGER REFERENCES account (id),
    route_id         INTEGER REFERENCES route (id),
    vendor           TEXT NOT NULL,
    model            TEXT NOT NULL,
    outcome          TEXT NOT NULL,
    booked_at        INTEGER NOT NULL,
    -- the local calendar day it was booked on, YYYY-MM-DD; never recomputed
    booked_day       TEXT NOT NULL,
    input_total      INTEGER,
    cache_read       INTEGER,
    cache_write      INTEGER,
    input_audio      INTEGER,
    output_total     INTEGER,
    reasoning        INTEGER,
    output_audio     INTEGER,
    tokens_source    TEXT NOT NULL CHECK (tokens_source IN ('reported', 'estimated', 'unknown')),
    source           TEXT NOT NULL CHECK (source IN ('reported', 'priced', 'estimated', 'free', 'unknown')),
    -- nano-USD by kind; null is unknown
    input_nano       INTEGER,
    cache_read_nano  INTEGER,
    cache_write_nano INTEGER,
    output_nano      INTEGER,
    request_nano     INTEGER,
    total_nano       INTEGER,
    -- the vendor's figure, verbatim
    reported_raw     TEXT,
    -- the rate card used, frozen
    rates            TEXT CHECK (rates IS NULL OR json_valid(rates)),
    CHECK ((source IN ('unknown')) = (total_nano IS NULL)),
    CHECK ((kind = 'adjustment') = (adjusts IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX ledger_attempt ON ledger (attempt_id) WHERE kind = 'entry' AND attempt_id IS NOT NULL;
CREATE INDEX ledger_adjusts ON ledger (adjusts) WHERE adjusts IS NOT NULL;
CREATE INDEX ledger_day ON ledger (booked_day);
CREATE INDEX ledger_conversation ON ledger (conversation_id);
CREATE TRIGGER ledger_is_final BEFORE UPDATE OF kind, adjusts, purpose, vendor, model, outcome, booked_at, booked_day,
    input_total, cache_read, cache_write, input_audio, output_total, reasoning, output_audio, tokens_source, source,
    input_nano, cache_read_nano, cache_write_nano, output_nano, request_nano, total_nano, reported_raw, rates ON ledger
BEGIN
    SELECT RAISE(ABORT, 'ledger entries are final');
END;
