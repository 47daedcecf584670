import { Later } from './later';

const QUIET_MS = 500;

/** Writes something to the store once it stays as it is, one write after the other. */
export class Keeper {
  readonly #write: () => Promise<void>;
  readonly #heard: (failure: unknown) => void;
  readonly #later = new Later(QUIET_MS, () => this.#save());
  #unsaved = false;
  #held = false;
  #closed = false;
  #failed = false;
  #tail: Promise<void> = Promise.resolve();

  /** `heard` gets a failure once, and null when it is over. */
  constructor(write: () => Promise<void>, heard: (failure: unknown) => void) {
    this.#write = write;
    this.#heard = heard;
  }

  get unsaved(): boolean {
    return this.#unsaved;
  }

  changed(): void {
    this.#unsaved = true;
    this.#later.plan();
  }

  /** The store knows by other means. */
  saved(): void {
    this.#unsaved = false;
    this.#later.cancel();
  }

  /** Nothing is written until it is let go. */
  hold(): void {
    this.#held = true;
  }

  letGo(): void {
    this.#held = false;
  }

  /** Writes what is not written; done when the store has it. */
  flush(): Promise<void> {
    this.#later.now();
    return this.#tail;
  }

  close(): void {
    this.#closed = true;
    this.#later.cancel();
  }

  #save(): void {
    if (!this.#unsaved || this.#held || this.#closed) return;
    this.#unsaved = false;
    const write = this.#write();
    this.#tail = Promise.all([this.#tail, write]).then(
      () => this.#tell(null),
      (thrown: unknown) => {
        this.#unsaved = true;
        this.#tell(thrown);
      },
    );
  }

  /** Once: the next key press would fail the same way. */
  #tell(failure: unknown): void {
    if ((failure !== null) === this.#failed) return;
    this.#failed = failure !== null;
    this.#heard(failure);
  }
}
