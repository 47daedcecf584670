// A sample store made ready for comparisons: its vendors are the mock, sets of models are kept, votes were given.
import { change } from "../harness/store.mjs";

/** How each vendor of the sample is called, and where its wire begins on the mock. */
const VENDORS = {
  anthropic: { id: 1, path: "/v1" },
  openai: { id: 2, path: "/v1" },
  openrouter: { id: 3, path: "/v1" },
  groq: { id: 4, path: "/v1" },
  gemini: { id: 5, path: "/v1beta" },
  ollama: { id: 6, path: "" },
};

const lane = (target) => {
  const [vendor, model] = target.split(" ");
  return {
    id: null,
    target: { kind: "model", providerId: String(VENDORS[vendor].id), model },
    fallbackRouteId: null,
    setup: {
      systemPrompt: "",
      temperature: null,
      topP: null,
      maxTokens: null,
      stop: [],
      seed: null,
      reasoningEffort: null,
    },
    asked: true,
  };
};

const FOUR = [
  "anthropic claude-sonnet-5",
  "groq llama-3.3-70b-versatile",
  "openai gpt-6-luna",
  "gemini gemini-2.5-pro",
];
const EIGHT = [
  ...FOUR,
  "anthropic claude-haiku-4-5",
  "openai gpt-5.4-mini",
  "gemini gemini-3.5-flash",
  "groq openai/gpt-oss-120b",
];

/** Sets of models by their names. */
const SETS = {
  "Everyday four": FOUR,
  "With a queue": [...FOUR, "groq openai/gpt-oss-120b"],
  "Eight at once": EIGHT,
  "All twelve": [
    ...EIGHT,
    "openrouter deepseek/deepseek-v4-pro",
    "anthropic claude-opus-5-5",
    "openai gpt-4.1",
    "gemini gemini-2.5-flash-lite",
  ],
  "Long names": [
    "openrouter nvidia/llama-3.1-nemotron-ultra-253b-v1-instruct-experimental-2026-11:free",
    "groq meta-llama/llama-4-scout-17b-16e-instruct",
    "gemini gemini-3.1-pro-preview",
  ],
  Two: FOUR.slice(0, 2),
};

const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

/** Turns the vendors of the sample to the mock, and keeps the sets. Groq answers one request at a time. */
export function toMock(dataDir, mock) {
  const { origin } = new URL(mock.url);
  const moved = Object.entries(VENDORS).map(
    ([vendor, { path }]) => `UPDATE provider SET base_url = ${quoted(origin + path)} WHERE vendor = ${quoted(vendor)};`,
  );
  const sets = Object.entries(SETS).map(
    ([name, lanes]) =>
      `INSERT INTO compare_set (name, lanes, created_at, updated_at)
       VALUES (${quoted(name)}, ${quoted(JSON.stringify(lanes.map(lane)))}, 1, 1);`,
  );
  change(
    dataDir,
    [
      ...moved,
      `UPDATE account SET secret_origin = ${quoted(origin)} WHERE secret_origin IS NOT NULL;`,
      `UPDATE provider SET config = '{"limits":{"concurrent":1}}' WHERE vendor = 'groq';`,
      ...sets,
    ].join("\n"),
  );
}

/** A budget that is used up and asks. */
export function spent(dataDir) {
  change(
    dataDir,
    `INSERT INTO budget (scope, provider_id, period, limit_nano, at_limit, created_at, updated_at)
     VALUES ('provider', ${VENDORS.anthropic.id}, 'month', 1000000, 'ask', 1, 1);`,
  );
}

/** The same numbers each time. */
function dice(seed) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** How good, how quick (milliseconds, tokens a second) and how dear (nano-USD a token) each is. */
const VOTED = [
  { at: "anthropic claude-sonnet-5", strength: 1.1, first: 940, speed: 62, rate: 15_000 },
  { at: "openai gpt-6-luna", strength: 0.7, first: 610, speed: 88, rate: 8_000 },
  { at: "gemini gemini-2.5-pro", strength: 0.4, first: 1_240, speed: 74, rate: 10_000 },
  { at: "groq llama-3.3-70b-versatile", strength: -0.2, first: 190, speed: 276, rate: 790 },
  { at: "openai gpt-5.4-mini", strength: -0.5, first: 420, speed: 130, rate: 2_000 },
  { at: "ollama qwen3:8b", strength: -1.2, first: 380, speed: 31, rate: 0 },
];
const TAGS = ["code", "plain words", "summary"];
const DAY_MS = 86_400_000;

/** Votes of some weeks, and a weighted route with its answers. */
export function voted(dataDir) {
  const throwDice = dice(11);
  const now = Date.now();
  const statements = [
    `INSERT INTO conversation (id, kind, title, created_at, updated_at, touched) VALUES (900, 'compare', 'Votes of the autumn', ${now}, ${now}, 1);`,
    ...VOTED.map(({ at }, place) => {
      const { target } = lane(at);
      return `INSERT INTO lane (id, conversation_id, position, provider_id, model) VALUES (${900 + place}, 900, ${place}, ${target.providerId}, ${quoted(target.model)});`;
    }),
    `INSERT INTO route (id, slug, name, strategy, config, created_at, updated_at) VALUES (90, 'a-or-b', 'Luna or Llama', 'weighted', '{}', ${now}, ${now});`,
    `INSERT INTO route_target (route_id, position, provider_id, model, weight) VALUES (90, 0, 2, 'gpt-6-luna', 70), (90, 1, 4, 'llama-3.3-70b-versatile', 30);`,
  ];
  let id = 9_000;
  const answered = (who, place, laneId, turn, at, route) => {
    const { target } = lane(who.at);
    const [vendor] = who.at.split(" ");
    const tokens = 120 + Math.floor(throwDice() * 200);
    const first = Math.floor(who.first * (0.7 + throwDice() * 0.6));
    const lasts = first + Math.floor((tokens * 1_000) / who.speed);
    const day = new Date(at).toISOString().slice(0, 10);
    id += 1;
    statements.push(
      `INSERT INTO message (id, lane_id, turn_id, role, status, created_at, updated_at) VALUES (${id}, ${laneId}, ${turn}, 'assistant', 'complete', ${at}, ${at});`,
      `INSERT INTO run (id, message_id, conversation_id, purpose, route_id, started_at, ended_at, outcome) VALUES (${id}, ${id}, 900, 'compare', ${route ?? "NULL"}, ${at}, ${at + lasts}, 'complete');`,
      `INSERT INTO attempt (id, run_id, ordinal, provider_id, vendor, model, started_at, first_token_ms, duration_ms, outcome) VALUES (${id}, ${id}, 0, ${target.providerId}, '${vendor}', ${quoted(target.model)}, ${at}, ${first}, ${lasts}, 'complete');`,
      `INSERT INTO ledger (attempt_id, purpose, provider_id, route_id, vendor, model, outcome, booked_at, booked_day, input_total, output_total, tokens_source, source, total_nano, first_token_ms, duration_ms) VALUES (${id}, 'compare', ${target.providerId}, ${route ?? "NULL"}, '${vendor}', ${quoted(target.model)}, 'complete', ${at}, '${day}', 40, ${tokens}, 'reported', ${who.rate > 0 ? "'priced'" : "'free'"}, ${tokens * who.rate}, ${first}, ${lasts});`,
    );
    if (place !== undefined)
      statements.push(
        `INSERT INTO judged (turn_id, message_id, place, attempt_id, provider_id, model, route_id) VALUES (${turn}, ${id}, ${place}, ${id}, ${target.providerId}, ${quoted(target.model)}, ${route ?? "NULL"});`,
      );
  };
  for (let turn = 900; turn < 960; turn += 1) {
    const at = now - Math.floor(throwDice() * 40) * DAY_MS;
    const chosen = VOTED.map((who, index) => ({ who, index, lot: throwDice() }))
      .toSorted((one, other) => one.lot - other.lot)
      .slice(0, 4)
      .map(({ who, index }) => ({ who, index, felt: who.strength + Math.log(throwDice() / (1 - throwDice() * 0.999)) }))
      .toSorted((one, other) => other.felt - one.felt);
    statements.push(
      `INSERT INTO turn (id, conversation_id, created_at) VALUES (${turn}, 900, ${at});`,
      `INSERT INTO judgement (turn_id, blind, at) VALUES (${turn}, ${turn % 3 === 0 ? 1 : 0}, ${at});`,
      `INSERT INTO judgement_tag (turn_id, tag) VALUES (${turn}, ${quoted(TAGS[turn % TAGS.length])});`,
    );
    chosen.forEach(({ who, index }, place) =>
      answered(who, place === 0 ? "0" : "NULL", 900 + index, turn, at, [1, 3].includes(index) ? 90 : undefined),
    );
  }
  statements.push(`INSERT INTO turn (id, conversation_id, created_at) VALUES (960, 900, ${now});`);
  for (let run = 0; run < 140; run += 1) {
    const left = throwDice() < 0.7;
    answered(VOTED[left ? 1 : 3], undefined, left ? 901 : 903, 960, now - run * 3_600_000, 90);
    if (throwDice() < 0.6)
      statements.push(
        `INSERT INTO thumb (message_id, up, at) VALUES (${id}, ${Number(throwDice() < (left ? 0.85 : 0.6))}, ${now});`,
      );
  }
  change(dataDir, statements.join("\n"));
}
