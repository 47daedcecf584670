-- Comparisons: lanes that can be taken out, blind prompts, answers made of answers, judgements, and thumbs.

-- merge: holds one answer made of others, and its versions; it is in no list of lanes.
ALTER TABLE lane ADD COLUMN kind TEXT NOT NULL DEFAULT 'lane' CHECK (kind IN ('lane', 'merge'));
ALTER TABLE lane ADD COLUMN hidden_at INTEGER;
ALTER TABLE lane ADD COLUMN merge_mode TEXT CHECK (merge_mode IN ('fuse', 'checklist', 'table'));

-- The lot that the lanes of a blind prompt were drawn by; null where names were shown from the beginning.
ALTER TABLE turn ADD COLUMN blind_lot INTEGER;
ALTER TABLE turn ADD COLUMN revealed_at INTEGER;
-- The answer that all lanes went on from.
ALTER TABLE turn ADD COLUMN shared_from INTEGER REFERENCES message (id) ON DELETE SET NULL;
CREATE INDEX turn_shared ON turn (shared_from) WHERE shared_from IS NOT NULL;

-- Why nobody could be asked at all: JSON of an error; null where somebody was.
ALTER TABLE run ADD COLUMN refused TEXT CHECK (refused IS NULL OR json_valid(refused));

-- The answers that a merge was made of, in the order the model read them.
CREATE TABLE merge_source (
    lane_id   INTEGER NOT NULL REFERENCES lane (id) ON DELETE CASCADE,
    ordinal   INTEGER NOT NULL,
    source_id INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    PRIMARY KEY (lane_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX merge_source_source ON merge_source (source_id);

-- Lanes kept under a name; `lanes` is what a person set up, a JSON list.
CREATE TABLE compare_set (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL,
    lanes      TEXT NOT NULL CHECK (json_valid(lanes)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- What a person made of the answers to a prompt.
CREATE TABLE judgement (
    turn_id INTEGER PRIMARY KEY REFERENCES turn (id) ON DELETE CASCADE,
    blind   INTEGER NOT NULL CHECK (blind IN (0, 1)),
    note    TEXT NOT NULL DEFAULT '',
    at      INTEGER NOT NULL
) STRICT;
CREATE TABLE judgement_tag (
    turn_id INTEGER NOT NULL REFERENCES judgement (turn_id) ON DELETE CASCADE,
    tag     TEXT NOT NULL,
    PRIMARY KEY (turn_id, tag)
) STRICT, WITHOUT ROWID;
-- Each answer that was judged, and who wrote it, as it was then.
CREATE TABLE judged (
    turn_id     INTEGER NOT NULL REFERENCES judgement (turn_id) ON DELETE CASCADE,
    message_id  INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    -- 0 is the best; null is behind all that have a place
    place       INTEGER,
    attempt_id  INTEGER REFERENCES attempt (id) ON DELETE SET NULL,
    provider_id INTEGER NOT NULL REFERENCES provider (id),
    model       TEXT NOT NULL,
    route_id    INTEGER REFERENCES route (id),
    PRIMARY KEY (turn_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX judged_message ON judged (message_id);
CREATE INDEX judged_attempt ON judged (attempt_id) WHERE attempt_id IS NOT NULL;

CREATE TABLE thumb (
    message_id INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    up         INTEGER NOT NULL CHECK (up IN (0, 1)),
    at         INTEGER NOT NULL
) STRICT;
