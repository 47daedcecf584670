/** A short word at the foot of the window, with at most one way back. */
export type Toast = { id: number; text: string; action?: { label: string; run: () => void }; bad: boolean };

const STAYS_MS = 8000;

export class Toasts {
  items = $state<Toast[]>([]);
  #last = 0;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  show(text: string, options: { action?: Toast['action']; bad?: boolean } = {}): number {
    const id = ++this.#last;
    const { action, bad = false } = options;
    this.items.push({ id, text, bad, ...(action ? { action } : {}) });
    this.resume(id);
    return id;
  }

  /** A pointer or the focus on a toast holds it. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  resume(id: number): void {
    this.hold(id);
    this.#timers.set(
      id,
      setTimeout(() => this.close(id), STAYS_MS),
    );
  }

  close(id: number): void {
    this.hold(id);
    this.items = this.items.filter((toast) => toast.id !== id);
  }
}
