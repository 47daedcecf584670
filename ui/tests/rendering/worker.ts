/** How many tasks the worker for colours and formulas has not answered. */
let asked = 0;

export const asideIdle = () => asked === 0;

/** The worker of the page, with its tasks counted: a test can wait for the last answer instead of for silence. */
export class CountedWorker extends Worker {
  #open = 0;

  constructor(url: string | URL, options?: WorkerOptions) {
    super(url, options);
    // Heard before the page hears it, which asks for the next at once: the count is zero only at the end of a queue.
    this.addEventListener('message', () => this.#count(-1));
  }

  override postMessage(message: unknown): void {
    this.#count(1);
    super.postMessage(message);
  }

  override terminate(): void {
    this.#count(-this.#open);
    super.terminate();
  }

  #count(by: number): void {
    this.#open += by;
    asked += by;
  }
}
