import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";

/** The names of the fuzz targets, as their manifest lists them. */
export function targetsOf(folder) {
  const manifest = readFileSync(join(folder, "Cargo.toml"), "utf8");
  return [...manifest.matchAll(/\[\[bin\]\]\nname = "(\w+)"/g)].map(([, name]) => name);
}

/** Ways to take an answer: kind of answer, vendor, four lengths of pieces. See fuzz/src/invariants.rs. */
const HEADERS = [
  [0, 0, 0, 0, 0, 0],
  [0, 1, 6, 0, 17, 60],
  [0, 2, 255, 255, 3, 1],
  [3, 0, 0, 0, 0, 0],
];

/** What the readers take: an error, a model list, embeddings, a whole answer; of each wire. */
const KINDS = [0, 1, 2, 3];
const WIRES = ["openai-chat", "openai-responses", "anthropic", "gemini", "ollama", "cohere", "bedrock"];

/** Bodies that no stream fixture has. */
const DOCUMENTS = [
  '{"error":{"message":"Rate limit reached. Please try again in 7.66s.","type":"requests","code":"rate_limit_exceeded"}}',
  '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}',
  '[{"error":{"code":429,"message":"Slow","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"37s"}]}}]',
  '{"error":"model \'x\' not found"}',
  '{"detail":[{"loc":["body"],"msg":"Field required","type":"missing"}]}',
  '{"object":"list","data":[{"id":"a","context_window":8192},{"id":"b","name":"Bee","max_output_tokens":5}]}',
  '{"data":[{"type":"model","id":"a","display_name":"A","created_at":"2026-01-01T00:00:00Z"}],"has_more":true,"last_id":"a"}',
  '{"models":[{"name":"models/a","displayName":"A","inputTokenLimit":9,"supportedGenerationMethods":["generateContent"]}],"nextPageToken":"b&c"}',
  '{"models":[{"name":"a:latest","model":"a:latest","details":{"family":"a"}}]}',
  '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-1e-3]}],"usage":{"prompt_tokens":3}}',
  '{"object":"list","data":[{"index":0,"embedding":"AAAAPwAAgL8="}]}',
  '{"embeddings":[{"values":[0.5,-1]}]}',
  '{"model":"a","embeddings":[[0.5,-1]],"prompt_eval_count":3}',
  '{"id":"a","message":"too many tokens","error_type":"TOO_MANY_TOKENS"}',
  '{"models":[{"name":"a","endpoints":["chat"],"features":["tools"],"context_length":9}],"next_page_token":"b&c"}',
  '{"embeddings":{"float":[[0.5,-1]]},"meta":{"billed_units":{"input_tokens":3}}}',
  '{"modelSummaries":[{"modelId":"a.b-v1:0","outputModalities":["TEXT"],"inferenceTypesSupported":["ON_DEMAND"]}]}',
  '{"inferenceProfileSummaries":[{"inferenceProfileId":"us.a.b-v1:0","status":"ACTIVE"}],"nextToken":"b&c"}',
  '{"embedding":[0.5,-1],"inputTextTokenCount":3}',
  '{"__type":"ThrottlingException","message":"Too many tokens, please wait before trying again."}',
  "<!doctype html><title>Sign in</title>",
];

/** What is no dialect's fixture: Replicate's streams, what the program Claude Code writes, what a person enters. */
const OWN = {
  replicate: [
    "event: output\nid: 1:0\ndata: Once upon\n\nevent: logs\ndata: warm\n\nevent: output\ndata:  a time,\ndata: \n\nevent: done\ndata: {}\n\n",
    'event: output\ndata: half\n\nevent: error\ndata: {"detail":"An unexpected error occurred"}\n\n',
    'event: output\ndata: half\n\nevent: done\ndata: {"reason":"canceled"}\n\n',
    '{"id":"p1","status":"succeeded","output":["Once"," upon"],"metrics":{"input_token_count":7,"output_token_count":5}}',
    '{"id":"p1","status":"failed","error":"CUDA out of memory","urls":{"stream":"https://stream.replicate.com/v1/files/x"}}',
  ],
  claude_code: [
    `{"type":"system","subtype":"init","model":"claude-sonnet-5","apiKeySource":"none"}
{"type":"stream_event","event":{"type":"message_start","message":{"id":"m1","model":"claude-sonnet-5","usage":{"input_tokens":3,"output_tokens":1}}}}
{"type":"stream_event","event":{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}}
{"type":"stream_event","event":{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}}
{"type":"stream_event","event":{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Héllo"}}}
{"type":"assistant","message":{"id":"m1","model":"claude-sonnet-5","content":[{"type":"text","text":"Héllo"}],"usage":{"output_tokens":1}}}
{"type":"stream_event","event":{"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"output_tokens":5}}}
{"type":"result","subtype":"success","is_error":false,"result":"H","total_cost_usd":0.1,"usage":{"input_tokens":3,"output_tokens":5}}
`,
    '{"type":"assistant","message":{"id":"m2","model":"<synthetic>","content":[{"type":"text","text":"Invalid API key"}]},"error":"authentication_failed"}\n{"type":"result","subtype":"success","is_error":true,"result":"Invalid API key"}\n',
    '{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1780000090,"rateLimitType":"five_hour"}}\n',
    '{"type":"system","subtype":"api_retry","attempt":2,"max_retries":10,"retry_delay_ms":500,"error_status":529}\n',
    '{"type":"result","subtype":"error_during_execution","is_error":true,"errors":["it broke"],"api_error_status":500}\n',
  ],
  credential: [
    '{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","sessionToken":"IQoJb3Jp//"}',
    'export AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE"\nexport AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"',
    '{"profile":"work"}',
    '{"environment":true}',
    '{"type":"service_account","client_email":"a@p.iam.gserviceaccount.com","private_key":"-----BEGIN PRIVATE KEY-----\\nMIIEvQ==\\n-----END PRIVATE KEY-----\\n","private_key_id":"k","project_id":"p","token_uri":"https://oauth2.googleapis.com/token"}',
    '{"type":"authorized_user","client_id":"c.apps.googleusercontent.com","client_secret":"s","refresh_token":"1//r","quota_project_id":"p"}',
    "ya29.a0AfH6SMBx",
    "ABSKQmVkcm9ja0FQSUtleS1leGFtcGxl",
  ],
};

/** The streams of a dialect: its own fixtures, and recorded replies where they are at hand. */
function* streams(wire, root, recordings) {
  const fixtures = join(root, "tests", "fixtures", wire);
  if (existsSync(fixtures)) {
    for (const file of readdirSync(fixtures).sort()) {
      if ([".sse", ".ndjson", ".frames"].includes(extname(file))) yield { name: file, body: readFileSync(join(fixtures, file)) };
    }
  }
  const folder = recordings && join(recordings, wire);
  if (!folder || !existsSync(folder)) return;
  for (const file of readdirSync(folder).sort()) {
    const { response } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    const body = response.body_base64 ? Buffer.from(response.body_base64, "base64") : Buffer.from(response.body ?? "");
    if (body.length > 0) yield { name: basename(file, ".json"), body };
  }
}

/** The inputs a target begins with: { name, bytes }. */
export function* seedsOf(target, root, recordings) {
  const wire = WIRES.find((id) => id.replaceAll("-", "_") === target);
  for (const id of wire ? [wire] : target in OWN ? [] : WIRES) {
    for (const { name, body } of streams(id, root, recordings)) {
      for (const header of headersFor(target, WIRES.indexOf(id))) {
        yield { name, bytes: Buffer.concat([Buffer.from(header), body]) };
      }
    }
  }
  for (const text of OWN[target] ?? []) {
    for (const header of headersFor(target, 0)) {
      yield { name: "own", bytes: Buffer.concat([Buffer.from(header), Buffer.from(text)]) };
    }
  }
  const others = wire || target in OWN ? [0] : WIRES.keys();
  for (const who of others) {
    for (const text of DOCUMENTS) {
      for (const header of headersFor(target, who)) {
        yield { name: "document", bytes: Buffer.concat([Buffer.from(header), Buffer.from(text)]) };
      }
    }
  }
}

function headersFor(target, who) {
  if (target === "sse") return [[255, 255, 0, 6]];
  if (target === "credential") return KINDS.map((kind) => [kind]);
  if (target === "readers") return KINDS.map((kind) => [kind, who]);
  return HEADERS;
}

/** What libFuzzer printed, in short. */
export function summaryOf(output) {
  const number = (pattern) => Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0);
  const panic = /panicked at [^\n]*\n[^\n]*/.exec(output)?.[0];
  const trouble = /^==\d+== ?ERROR: [^\n]*/m.exec(output)?.[0];
  return {
    executions: number(/^stat::number_of_executed_units:\s*(\d+)/gm),
    seconds: number(/^Done \d+ runs in (\d+) second/gm),
    edges: number(/ cov: (\d+)/g),
    features: number(/ ft: (\d+)/g),
    memory: number(/^stat::peak_rss_mb:\s*(\d+)/gm),
    reason: panic ?? trouble ?? output.slice(-2000),
  };
}
