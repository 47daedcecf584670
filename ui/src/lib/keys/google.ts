/** What was pasted or chosen, as far as a person may see it. */
export type GoogleGiven =
  /** The file of a service account. */
  | { kind: 'serviceAccount'; who: string; project: string | null }
  /** The file of a login by `gcloud`. */
  | { kind: 'login'; project: string | null }
  /** One line: a token or an API key. */
  | { kind: 'token' }
  | { kind: 'empty' }
  | { kind: 'wrong'; because: 'json' | 'type' | 'incomplete' | 'lines'; type: string | null };

/** A file of this kind is two or three thousand letters long. */
export const LONGEST_FILE = 65_536;

const words = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Reads what a person gave. Nothing of it that is secret is in the answer. */
export function readGoogle(text: string): GoogleGiven {
  const given = text.trim();
  if (given === '') return { kind: 'empty' };
  if (!given.startsWith('{')) {
    return /\s/.test(given) ? { kind: 'wrong', because: 'lines', type: null } : { kind: 'token' };
  }
  let file: Record<string, unknown>;
  try {
    file = JSON.parse(given) as Record<string, unknown>;
  } catch {
    return { kind: 'wrong', because: 'json', type: null };
  }
  const type = words(file.type);
  const incomplete: GoogleGiven = { kind: 'wrong', because: 'incomplete', type };
  if (type === 'service_account') {
    const who = words(file.client_email);
    if (who === null || words(file.private_key) === null) return incomplete;
    return { kind: 'serviceAccount', who, project: words(file.project_id) };
  }
  if (type === 'authorized_user') {
    const parts = [file.client_id, file.client_secret, file.refresh_token];
    if (parts.some((part) => words(part) === null)) return incomplete;
    return { kind: 'login', project: words(file.quota_project_id) };
  }
  return { kind: 'wrong', because: 'type', type };
}
