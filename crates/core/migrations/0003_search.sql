-- Full-text search. Terms are made in Rust (history/search/terms.rs) and parted by spaces, so SQLite only splits at
-- them. A row is a message; a prompt is indexed once, at the first message of its turn.

-- body: terms in their order; whole: identifiers joined, last characters of unspaced scripts; tags: what filters ask
-- for, each beginning with a private-use character that no term holds.
CREATE VIRTUAL TABLE search_index USING fts5(
    body, whole, tags, tokenize = 'ascii', prefix = '1 2 3');
-- What is deleted leaves no trace in the index either.
INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1);

CREATE VIRTUAL TABLE search_title USING fts5(body, whole, tokenize = 'ascii');
INSERT INTO search_title (search_title, rank) VALUES ('secure-delete', 1);

-- What a hit is judged by without opening its message.
CREATE TABLE search_doc (
    id              INTEGER PRIMARY KEY,
    conversation_id INTEGER NOT NULL,
    -- the message's created_at
    at              INTEGER NOT NULL,
    -- bits: 1 written by the person, 2 code, 4 image, 8 attachment, 16 failed or cut off
    flags           INTEGER NOT NULL,
    provider_id     INTEGER,
    -- in the trash: kept for an undo, found by nobody
    hidden          INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1))
) STRICT;

-- The times within each 1024 ids, for a search between two days. Ids alone do not tell: imported chats are old and
-- get new ids.
CREATE TABLE search_span (
    block    INTEGER PRIMARY KEY,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL
) STRICT;

-- How far the index has come with what was there before it: everything with an id up to these is still to do.
CREATE TABLE search_state (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    -- of the terms; another one makes the index anew
    version       INTEGER NOT NULL,
    next_title    INTEGER NOT NULL,
    next_message  INTEGER NOT NULL,
    done          INTEGER NOT NULL,
    total         INTEGER NOT NULL
) STRICT;
INSERT INTO search_state (id, version, next_title, next_message, done, total) VALUES (1, 1,
    (SELECT coalesce(max(id), 0) FROM conversation), (SELECT coalesce(max(id), 0) FROM message),
    0, (SELECT count(*) FROM message));

-- The first message of a turn; deleting a turn looks its messages up, too.
CREATE INDEX message_turn ON message (turn_id);

CREATE TRIGGER search_hides AFTER UPDATE OF deleted_at ON message
BEGIN
    UPDATE search_doc SET hidden = (new.deleted_at IS NOT NULL) WHERE id = new.id;
END;
CREATE TRIGGER search_forgets AFTER DELETE ON message
BEGIN
    DELETE FROM search_index WHERE rowid = old.id;
    DELETE FROM search_doc WHERE id = old.id;
END;
CREATE TRIGGER search_forgets_title AFTER DELETE ON conversation
BEGIN
    DELETE FROM search_title WHERE rowid = old.id;
END;
