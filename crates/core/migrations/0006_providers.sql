-- What a provider has beside its address and keys, models that a person knows of, and how accounts do.

-- Header values and the proxy's password. Where a secret is, never the secret; as in `account`.
CREATE TABLE provider_secret (
    provider_id   INTEGER NOT NULL REFERENCES provider (id) ON DELETE CASCADE,
    -- proxy, or header: and the header's name in lower case
    slot          TEXT NOT NULL,
    secret_store  TEXT NOT NULL CHECK (secret_store IN ('session', 'env', 'keyring', 'vault')),
    secret_ref    TEXT NOT NULL,
    -- scheme://host:port that it may be sent to: the provider's, or the proxy's own
    secret_origin TEXT NOT NULL,
    secret_hint   TEXT,
    updated_at    INTEGER NOT NULL,
    PRIMARY KEY (provider_id, slot)
) STRICT, WITHOUT ROWID;

-- scheme://host:port of an address outside private ranges that a person agreed to send keys to in clear.
ALTER TABLE provider ADD COLUMN clear_origin TEXT;
ALTER TABLE provider ADD COLUMN models_fetched_at INTEGER;
UPDATE provider SET models_fetched_at =
    (SELECT max(fetched_at) FROM provider_model WHERE provider_model.provider_id = provider.id);

-- A model that a person added is offered whatever the list says; `info` is what they know of it.
ALTER TABLE model_choice ADD COLUMN added INTEGER NOT NULL DEFAULT 0 CHECK (added IN (0, 1));
ALTER TABLE model_choice ADD COLUMN info TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(info));

-- What models.dev says of the models of our vendors.
CREATE TABLE model_data (
    vendor TEXT NOT NULL,
    model  TEXT NOT NULL,
    info   TEXT NOT NULL CHECK (json_valid(info)),
    PRIMARY KEY (vendor, model)
) STRICT, WITHOUT ROWID;

-- The last calls of a provider and of an account, by id.
CREATE INDEX attempt_of_provider ON attempt (provider_id, id);
CREATE INDEX attempt_of_account ON attempt (account_id, id) WHERE account_id IS NOT NULL;
