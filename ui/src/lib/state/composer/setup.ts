import type { ChatSetup, ParameterName } from '$lib/ipc/bindings';

export const emptySetup = (): ChatSetup => ({
  systemPrompt: '',
  temperature: null,
  topP: null,
  maxTokens: null,
  stop: [],
  seed: null,
  reasoningEffort: null,
});

/** Parameters that have a value of their own. */
export function setParameters(setup: ChatSetup): ParameterName[] {
  const names: ParameterName[] = ['temperature', 'topP', 'maxTokens', 'stop', 'seed', 'reasoningEffort'];
  return names.filter((name) => (name === 'stop' ? setup.stop.length > 0 : setup[name] !== null));
}

/** How many things are set, the system prompt among them. */
export function countSet(setup: ChatSetup): number {
  return setParameters(setup).length + (setup.systemPrompt.trim() === '' ? 0 : 1);
}

export type NumberRule = { least: number | null; most: number | null; whole: boolean };
export type NumberFault = 'notANumber' | 'notWhole' | 'outside';

/** What was typed as a number. Empty is the default. */
export function readNumber(
  typed: string,
  { least, most, whole }: NumberRule,
): { value: number | null } | { fault: NumberFault } {
  const text = typed.trim().replace(',', '.');
  if (text === '') return { value: null };
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(text)) return { fault: 'notANumber' };
  const value = Number(text);
  if (whole && !Number.isInteger(value)) return { fault: 'notWhole' };
  if ((least !== null && value < least) || (most !== null && value > most)) return { fault: 'outside' };
  return { value };
}

const ESCAPES: [string, string][] = [
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\t', '\\t'],
];

/** A stop text as a person can read and type it: a line break is written `\n`. */
export function writeStop(text: string): string {
  return ESCAPES.reduce((out, [raw, written]) => out.replaceAll(raw, written), text);
}

export function readStop(typed: string): string {
  return typed.replace(/\\([\\nt])/g, (_, sign: string) => ({ n: '\n', t: '\t' })[sign] ?? '\\');
}
