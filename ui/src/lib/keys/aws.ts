/** How a person opens Amazon Bedrock. */
export type AwsWay = 'key' | 'pair' | 'profile' | 'environment';

/** What is being typed. Nothing that is stored ever stands in it. */
export type AwsDraft = {
  way: AwsWay;
  key: string;
  id: string;
  secret: string;
  token: string;
  profile: string;
};

export const emptyAws = (): AwsDraft => ({ way: 'key', key: '', id: '', secret: '', token: '', profile: '' });

/** Which fields of the chosen way are empty and must not be. */
export function missingAws(draft: AwsDraft): (keyof AwsDraft)[] {
  const wanted: Record<AwsWay, (keyof AwsDraft)[]> = {
    key: ['key'],
    pair: ['id', 'secret'],
    profile: ['profile'],
    environment: [],
  };
  return wanted[draft.way].filter((field) => draft[field].trim() === '');
}

/** What is sent, and whether any of it has to be kept secret. */
export function valueOfAws(draft: AwsDraft): { text: string; secret: boolean } {
  const { way, key, id, secret, token, profile } = draft;
  if (way === 'key') return { text: key.trim(), secret: true };
  if (way === 'profile') return { text: JSON.stringify({ profile: profile.trim() }), secret: false };
  if (way === 'environment') return { text: JSON.stringify({ environment: true }), secret: false };
  const pair = { accessKeyId: id.trim(), secretAccessKey: secret.trim() };
  const session = token.trim();
  return { text: JSON.stringify(session === '' ? pair : { ...pair, sessionToken: session }), secret: true };
}

/** A variable of AWS that is no key by itself says that the environment is looked at; null for one that is a key. */
export function valueOfVariable(name: string): string | null {
  return name.includes('BEARER') ? null : valueOfAws({ ...emptyAws(), way: 'environment' }).text;
}

/** More than any console offers to copy. */
const LONGEST = 65_536;
/** `export A=…`, `set A=…`, `$env:A = …`, and `a = …` of the credentials file. */
const ASSIGNMENT = /^(?:export\s+|set\s+|setx\s+|\$env:)?([A-Za-z_]\w*)\s*=\s*(.*)$/i;

const bare = (value: string) => value.trim().replace(/^(["'])(.*)\1;?$/, '$2');

function assignmentsIn(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split(/[\r\n]+/)) {
    const [, name, value] = ASSIGNMENT.exec(line.trim()) ?? [];
    if (name !== undefined && value !== undefined) found.set(name.toUpperCase(), bare(value));
  }
  return found;
}

/** What `aws sts` and `aws configure export-credentials` print. */
function printedIn(text: string): Map<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return new Map();
  }
  const whole = (value ?? {}) as Record<string, unknown>;
  const inner = (whole.Credentials ?? whole) as Record<string, unknown>;
  const names = {
    AWS_ACCESS_KEY_ID: inner.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: inner.SecretAccessKey,
    AWS_SESSION_TOKEN: inner.SessionToken,
  };
  return new Map(
    Object.entries(names).flatMap(([name, said]) => (typeof said === 'string' ? [[name, said]] : [])),
  );
}

/**
 * What AWS gives to copy, taken apart: lines for a shell, a part of the credentials file, the answer of the `aws`
 * program. Null where it is none of these.
 */
export function readAws(text: string): AwsDraft | null {
  if (text.length > LONGEST) return null;
  const all = text.trim().startsWith('{') ? printedIn(text) : assignmentsIn(text);
  const id = all.get('AWS_ACCESS_KEY_ID');
  const secret = all.get('AWS_SECRET_ACCESS_KEY');
  if (id !== undefined && secret !== undefined) {
    return { ...emptyAws(), way: 'pair', id, secret, token: all.get('AWS_SESSION_TOKEN') ?? '' };
  }
  const key = all.get('AWS_BEARER_TOKEN_BEDROCK');
  if (key !== undefined) return { ...emptyAws(), way: 'key', key };
  const profile = all.get('AWS_PROFILE') ?? all.get('AWS_DEFAULT_PROFILE');
  if (profile !== undefined) return { ...emptyAws(), way: 'profile', profile };
  return null;
}
