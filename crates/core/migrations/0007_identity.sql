-- Whose credential an account has, where a key alone does not say enough: the part that is no secret.
ALTER TABLE account ADD COLUMN identity TEXT CHECK (identity IS NULL OR json_valid(identity));
