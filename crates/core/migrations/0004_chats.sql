-- Shelves, versions, messages taken out, and branches that become chats of their own.

-- A copy shows whom the original asked and what that cost, up to the run that was the last of all when it was made.
ALTER TABLE message ADD COLUMN origin_id INTEGER REFERENCES message (id) ON DELETE SET NULL;
ALTER TABLE message ADD COLUMN origin_run INTEGER;
CREATE INDEX message_origin ON message (origin_id) WHERE origin_id IS NOT NULL;

-- The name it was brought under last; the name it had in a message stays with that message.
ALTER TABLE attachment ADD COLUMN name TEXT NOT NULL DEFAULT '';

ALTER TABLE model_choice ADD COLUMN favourite INTEGER NOT NULL DEFAULT 0 CHECK (favourite IN (0, 1));

-- Versions are siblings within a lane; the first messages of all chats have the same parent, none.
DROP INDEX message_parent;
CREATE INDEX message_parent ON message (parent_id, lane_id);

-- The last calls of each model, by id.
DROP INDEX attempt_provider;
CREATE INDEX attempt_model ON attempt (provider_id, model);

CREATE INDEX conversation_pinned ON conversation (touched DESC) WHERE pinned = 1;
CREATE INDEX conversation_archived ON conversation (touched DESC) WHERE archived_at IS NOT NULL;
CREATE INDEX conversation_trashed ON conversation (touched DESC) WHERE deleted_at IS NOT NULL;

-- Pieces may be megabytes long. In a table without row ids a search for one reads its whole neighbours, to compare
-- them; with row ids it reads keys, and the length of a text is known without its text.
CREATE TABLE turn_part_by_row (
    turn_id       INTEGER NOT NULL REFERENCES turn (id) ON DELETE CASCADE,
    ordinal       INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    text          TEXT,
    attachment_id INTEGER REFERENCES attachment (id),
    meta          TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(meta)),
    PRIMARY KEY (turn_id, ordinal)
) STRICT;
INSERT INTO turn_part_by_row (turn_id, ordinal, kind, text, attachment_id, meta)
    SELECT turn_id, ordinal, kind, text, attachment_id, meta FROM turn_part ORDER BY turn_id, ordinal;
DROP TABLE turn_part;
ALTER TABLE turn_part_by_row RENAME TO turn_part;

CREATE TABLE part_by_row (
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
) STRICT;
INSERT INTO part_by_row (message_id, ordinal, kind, attempt_id, text, attachment_id, meta, opaque, opaque_dialect,
                         opaque_provider_id, opaque_model)
    SELECT message_id, ordinal, kind, attempt_id, text, attachment_id, meta, opaque, opaque_dialect,
           opaque_provider_id, opaque_model FROM part ORDER BY message_id, ordinal;
DROP TABLE part;
ALTER TABLE part_by_row RENAME TO part;

-- What refers to a row must be found when that row is deleted, or each deleted message reads a whole table.
CREATE INDEX lane_leaf ON lane (active_leaf);
CREATE INDEX IF NOT EXISTS message_turn ON message (turn_id);
CREATE INDEX part_attempt ON part (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX run_conversation ON run (conversation_id);
CREATE INDEX ledger_of_attempt ON ledger (attempt_id) WHERE attempt_id IS NOT NULL;
