/** What takes a deed back. */
export type Step = { label: string; run: () => Promise<void> };

/** More than anybody takes back, so that a long day does not pile up. */
const MOST = 30;

/** Deeds that can be taken back, the last first. Each is taken back once. */
export class Undo {
  steps = $state.raw<Step[]>([]);

  /** Remembers a deed; calling what it gives takes back this one, whatever was done since. */
  push(label: string, run: () => Promise<void>): () => Promise<void> {
    const step = { label, run };
    this.steps = [...this.steps, step].slice(-MOST);
    return () => this.#take(step);
  }

  /** Takes the last deed back. */
  async last(): Promise<void> {
    const step = this.steps.at(-1);
    if (step) await this.#take(step);
  }

  clear(): void {
    this.steps = [];
  }

  async #take(step: Step): Promise<void> {
    if (!this.steps.includes(step)) return;
    this.steps = this.steps.filter((known) => known !== step);
    await step.run();
  }
}
