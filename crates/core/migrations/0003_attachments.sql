-- The name a person's file had, and who refers to a file, so that nobody's can be found without reading every part.
ALTER TABLE attachment ADD COLUMN name TEXT NOT NULL DEFAULT '';
CREATE INDEX turn_part_attachment ON turn_part (attachment_id) WHERE attachment_id IS NOT NULL;
CREATE INDEX part_attachment ON part (attachment_id) WHERE attachment_id IS NOT NULL;
