-- Shelves, versions, messages taken out, and branches that become chats of their own.

-- A copy shows whom the original asked and what that cost, up to the run that was its last when the copy was made.
ALTER TABLE message ADD COLUMN origin_id INTEGER REFERENCES message (id) ON DELETE SET NULL;
ALTER TABLE message ADD COLUMN origin_run INTEGER;
CREATE INDEX message_origin ON message (origin_id) WHERE origin_id IS NOT NULL;

-- The name it was brought under last; the name it had in a message stays with that message.
ALTER TABLE attachment ADD COLUMN name TEXT NOT NULL DEFAULT '';

ALTER TABLE model_choice ADD COLUMN favourite INTEGER NOT NULL DEFAULT 0 CHECK (favourite IN (0, 1));

-- Versions are siblings within a lane; the first messages of all chats have the same parent, none.
DROP INDEX message_parent;
CREATE INDEX message_parent ON message (parent_id, lane_id);

-- The last calls of each model.
DROP INDEX attempt_provider;
CREATE INDEX attempt_model ON attempt (provider_id, model, started_at);

CREATE INDEX conversation_pinned ON conversation (touched DESC) WHERE pinned = 1;
CREATE INDEX conversation_archived ON conversation (touched DESC) WHERE archived_at IS NOT NULL;
CREATE INDEX conversation_trashed ON conversation (touched DESC) WHERE deleted_at IS NOT NULL;

-- What refers to a row must be found when that row is deleted, or each deleted message reads a whole table.
CREATE INDEX lane_leaf ON lane (active_leaf);
CREATE INDEX message_turn ON message (turn_id);
CREATE INDEX part_attempt ON part (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX run_conversation ON run (conversation_id);
CREATE INDEX ledger_of_attempt ON ledger (attempt_id) WHERE attempt_id IS NOT NULL;
