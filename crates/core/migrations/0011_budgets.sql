-- Budgets that hold: one of a kind, and each share that was passed is told once.

-- A scope has one budget a day and one a month.
CREATE UNIQUE INDEX budget_scope ON budget (scope, coalesce(provider_id, 0), coalesce(route_id, 0), period);

-- Shares that were passed in a period and told of.
CREATE TABLE budget_notice (
    budget_id    INTEGER NOT NULL REFERENCES budget (id) ON DELETE CASCADE,
    -- the period's first local day, YYYY-MM-DD
    period_start TEXT NOT NULL,
    -- hundredths of the limit
    share        INTEGER NOT NULL CHECK (share BETWEEN 1 AND 100),
    told_at      INTEGER NOT NULL,
    PRIMARY KEY (budget_id, period_start, share)
) STRICT, WITHOUT ROWID;
