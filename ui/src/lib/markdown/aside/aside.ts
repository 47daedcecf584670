import type { MathTree } from './formula';
import type { Answer, Task } from './tasks';

/**
 * A task that takes longer is given up, and its text stays as it was written. The first one of a kind also loads
 * what reads that kind, which a busy machine may need longer for.
 */
const PATIENCE_MS = 4_000;
const FIRST_PATIENCE_MS = 20_000;
/** How much text, in UTF-16 units, answers are kept for. */
const KEPT = 1_000_000;

type Result = Answer['result'];
type Waiting = { key: string; task: Task; resolve: (result: Result) => void };

/**
 * One worker for colours and formulas. It does one task at a time; one that hangs is ended with it, and the
 * next task gets a new one. Answers are kept for texts that are shown again.
 */
class Aside {
  #worker: Worker | null = null;
  #works = typeof Worker !== 'undefined';
  /** The kinds that were answered once, and have what they need. */
  #answered = new Set<Task['kind']>();
  #queue: Waiting[] = [];
  #running: Waiting | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #id = 0;
  #kept = new Map<string, Result>();
  #keptSize = 0;

  known(key: string): Result | undefined {
    return this.#kept.get(key);
  }

  ask(key: string, task: Task): Promise<Result> {
    const known = this.#kept.get(key);
    if (known !== undefined) return Promise.resolve(known);
    if (!this.#works) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#queue.push({ key, task, resolve });
      this.#next();
    });
  }

  #next(): void {
    if (this.#running) return;
    this.#running = this.#queue.shift() ?? null;
    if (!this.#running) return;
    const known = this.#kept.get(this.#running.key);
    if (known !== undefined) return this.#settle(known);
    this.#worker ??= this.#begin();
    this.#id += 1;
    const { task } = this.#running;
    this.#worker.postMessage({ id: this.#id, task });
    const patience = this.#answered.has(task.kind) ? PATIENCE_MS : FIRST_PATIENCE_MS;
    this.#timer = setTimeout(() => this.#restart(), patience);
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
      if (data.id !== this.#id) return;
      if (this.#running) this.#answered.add(this.#running.task.kind);
      this.#settle(data.result);
    });
    worker.addEventListener('error', () => this.#restart());
    return worker;
  }

  #settle(result: Result): void {
    clearTimeout(this.#timer);
    const done = this.#running;
    this.#running = null;
    if (done) {
      this.#keep(done.key, result);
      done.resolve(result);
    }
    this.#next();
  }

  #restart(): void {
    this.#worker?.terminate();
    this.#worker = null;
    // One that never answered will not the next time: everything stays as it was written.
    if (this.#answered.size === 0) {
      this.#works = false;
      for (const { resolve } of this.#queue.splice(0)) resolve(null);
    }
    this.#settle(null);
  }

  #keep(key: string, result: Result): void {
    if (this.#kept.has(key)) return;
    this.#kept.set(key, result);
    this.#keptSize += key.length;
    for (const [oldest] of this.#kept) {
      if (this.#keptSize <= KEPT) break;
      this.#kept.delete(oldest);
      this.#keptSize -= oldest.length;
    }
  }
}

const aside = new Aside();

const codeKey = (grammar: string, text: string) => `${grammar}\n${text}`;
const mathKey = (text: string, display: boolean) => `${display ? '$$' : '$'}${text}`;

/** Pairs of length and colour for a listing; null where it stays plain. */
export async function coloursOf(grammar: string, text: string): Promise<Uint32Array | null> {
  const result = await aside.ask(codeKey(grammar, text), { kind: 'code', grammar, text });
  return result instanceof Uint32Array ? result : null;
}

export function knownColours(grammar: string, text: string): Uint32Array | null {
  const result = aside.known(codeKey(grammar, text));
  return result instanceof Uint32Array ? result : null;
}

const asTree = (result: Result | undefined) =>
  result === undefined || result instanceof Uint32Array ? undefined : result;

/** The tree of a formula; null where it stays as it was written. */
export async function treeOf(text: string, display: boolean): Promise<MathTree | null> {
  return asTree(await aside.ask(mathKey(text, display), { kind: 'math', text, display })) ?? null;
}

/** As [`treeOf`], if it is known already; undefined where it was never asked for. */
export function knownTree(text: string, display: boolean): MathTree | null | undefined {
  return asTree(aside.known(mathKey(text, display)));
}
