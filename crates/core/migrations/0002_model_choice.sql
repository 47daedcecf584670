-- Which models a person wants in the picker. A row is a choice; models without one are offered. It outlives the
-- fetched lists, so that a refresh brings nothing back that was hidden.
CREATE TABLE model_choice (
    provider_id INTEGER NOT NULL REFERENCES provider (id) ON DELETE CASCADE,
    model       TEXT NOT NULL,
    shown       INTEGER NOT NULL CHECK (shown IN (0, 1)),
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (provider_id, model)
) STRICT, WITHOUT ROWID;
