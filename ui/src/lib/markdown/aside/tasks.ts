import type { MathTree } from './formula';

/** Work that is done off the main thread. */
export type Task =
  { kind: 'code'; grammar: string; text: string } | { kind: 'math'; text: string; display: boolean };

/** The answer to one; null where it could not be done within its bounds. */
export type Answer = { id: number; result: Uint32Array | MathTree | null };
