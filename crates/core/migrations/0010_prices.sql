-- Prices that a person gave, in nano-USD per million tokens; `request` in nano-USD for a request.
-- The newest that is not after an entry's day holds.
CREATE TABLE own_price (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    provider_id INTEGER NOT NULL REFERENCES provider (id),
    model       TEXT NOT NULL,
    -- a local calendar day, YYYY-MM-DD
    valid_from  TEXT NOT NULL,
    input       INTEGER NOT NULL CHECK (input >= 0),
    cache_read  INTEGER CHECK (cache_read >= 0),
    cache_write INTEGER CHECK (cache_write >= 0),
    output      INTEGER NOT NULL CHECK (output >= 0),
    reasoning   INTEGER CHECK (reasoning >= 0),
    request     INTEGER CHECK (request >= 0),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    UNIQUE (provider_id, model, valid_from)
) STRICT;

-- Models without a price about which the person said "not now".
CREATE TABLE price_question (
    provider_id INTEGER NOT NULL REFERENCES provider (id),
    model       TEXT NOT NULL,
    answered_at INTEGER NOT NULL,
    PRIMARY KEY (provider_id, model)
) STRICT, WITHOUT ROWID;

-- What is without a price is looked for often and is little of the ledger.
CREATE INDEX ledger_unpriced ON ledger (provider_id, model, booked_day) WHERE kind = 'entry' AND source = 'unknown';
