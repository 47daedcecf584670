-- Who refers to a file, so that one that nobody refers to can be found without reading every part.
CREATE INDEX turn_part_attachment ON turn_part (attachment_id) WHERE attachment_id IS NOT NULL;
CREATE INDEX part_attachment ON part (attachment_id) WHERE attachment_id IS NOT NULL;
