import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { storeFile } from "./store.mjs";

/** The migration makes the ledger's sums anew with this statement, and so does the app. */
const SUMS = readFileSync(
  join(import.meta.dirname, "..", "..", "..", "crates", "core", "migrations", "0009_costs.sql"),
  "utf8",
).split("INSERT INTO ledger_rollup")[1];

const FILL = `
import datetime, json, random, sqlite3, sys
file, count, sums = sys.argv[1], int(sys.argv[2]), sys.stdin.read()
base = sqlite3.connect(file)
draw = random.Random(2026)
vendors = dict(base.execute("SELECT id, vendor FROM provider"))
ids = {vendor: id for id, vendor in vendors.items()}
# vendor, model, share, nano-USD a token in and out
MODELS = [
    ("anthropic", "claude-sonnet-5", 30, 3000, 15000), ("anthropic", "claude-opus-5", 6, 5000, 25000),
    ("openai", "gpt-5.6", 22, 1750, 14000), ("openai", "gpt-5.4-mini", 12, 400, 1600),
    ("openrouter", "anthropic/claude-sonnet-5", 12, 3000, 15000), ("gemini", "gemini-3.5-flash", 10, 300, 2500),
    ("groq", "llama-3.3-70b-versatile", 5, 590, 790), ("ollama", "qwen3:14b", 3, 0, 0),
]
OUTCOMES = (["complete"] * 93) + (["failed"] * 4) + (["interrupted"] * 2) + ["cancelled"]
PURPOSES = (["chat"] * 90) + (["title"] * 6) + (["embedding"] * 3) + ["compare"]
today = datetime.datetime.now().date()
days = [today - datetime.timedelta(days=back) for back in range(365, 0, -1)]
weights = [1 if day.weekday() > 4 else 4 for day in days]
rows = []
for day in sorted(draw.choices(days, weights, k=count)):
    vendor, model, _, per_input, per_output = draw.choices(MODELS, [one[2] for one in MODELS])[0]
    outcome, purpose = draw.choice(OUTCOMES), draw.choice(PURPOSES)
    turned_away = outcome == "failed"
    tokens_in, tokens_out = (0, 0) if turned_away else (draw.randrange(200, 9000), draw.randrange(20, 1400))
    cached = int(tokens_in * 0.6) if vendor in ("anthropic", "openai") and draw.random() < 0.5 else None
    guessed = outcome in ("interrupted", "cancelled") or turned_away
    unknown = vendor != "ollama" and draw.random() < 0.003
    nano = None if unknown else (tokens_in - (cached or 0)) * per_input + (cached or 0) * per_input // 10 + tokens_out * per_output
    source = ("unknown" if unknown else "free" if vendor == "ollama" else "estimated" if guessed
        else "reported" if vendor == "openrouter" else "priced")
    at = datetime.datetime.combine(day, datetime.time(9)) + datetime.timedelta(seconds=draw.randrange(40000))
    rows.append((purpose, ids[vendor], ids[vendor], vendor, model, outcome, int(at.timestamp() * 1000), day.isoformat(),
        tokens_in, cached, tokens_out, "estimated" if guessed else "reported", source, nano,
        None if turned_away else draw.randrange(180, 4000), draw.randrange(900, 30000),
        None if cached is None else cached * per_input * 9 // 10))
base.executemany("""INSERT INTO ledger (purpose, provider_id, account_id, vendor, model, outcome, booked_at, booked_day,
    input_total, cache_read, output_total, tokens_source, source, total_nano, first_token_ms, duration_ms,
    cache_saved_nano) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""", rows)
base.execute("DELETE FROM ledger_rollup")
base.execute("INSERT INTO ledger_rollup" + sums)
base.commit()
base.close()
`;

/**
 * Adds so many requests to the store of a data folder as the program `sample` fills it: over the year up to yesterday,
 * always the same for the same day.
 */
export function fillYear(dataDir, count) {
  execFileSync("python3", ["-c", FILL, storeFile(dataDir), String(count)], { input: SUMS });
}

const SERVER = `
import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
now = base.execute("SELECT max(created_at) FROM provider").fetchone()[0]
url, name, model = sys.argv[2:]
provider = base.execute("""INSERT INTO provider (slug, vendor, name, base_url, priority, created_at, updated_at)
    VALUES ('house', 'openai', ?, ?, 90, ?, ?)""", (name, url + "/v1", now, now)).lastrowid
base.execute("""INSERT INTO account (provider_id, label, secret_store, secret_ref, secret_origin, created_at, updated_at)
    VALUES (?, '', 'env', 'SAMPLE_KEY', ?, ?, ?)""", (provider, url, now, now))
base.execute("""INSERT INTO model_choice (provider_id, model, shown, favourite, updated_at) VALUES (?, ?, 1, 1, ?)""",
    (provider, model, now))
base.commit()
print(provider)
`;

/**
 * Puts a provider whose prices are known at the address of a server into a store, with the key in the environment
 * variable `SAMPLE_KEY`. Its id.
 */
export function addPricedServer(dataDir, url, name, model) {
  return execFileSync("python3", ["-c", SERVER, storeFile(dataDir), url, name, model], { encoding: "utf8" }).trim();
}

/**
 * Milliseconds from the press on "Costs" until its first sum stands there, and until all of it is painted: the chart,
 * the table and the log.
 */
export function openCostsTimed(app) {
  return app.runAsync(
    `const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
     const there = (id) => document.querySelector('[data-testid="' + id + '"]');
     const button = there("nav-costs");
     performance.mark("costs-pressed");
     button.click();
     while (!there("cost-total")) await painted();
     performance.mark("costs-first");
     while (!there("cost-chart") || !there("cost-line") || !there("log-rows")) await painted();
     await painted();
     performance.mark("costs-whole");
     const since = (mark) => performance.measure(mark, "costs-pressed", mark).duration;
     return { first: since("costs-first"), whole: since("costs-whole") };`,
  );
}
