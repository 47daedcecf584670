const SECOND = 1000;

/** The time, as it runs while somebody counts it. */
export class Clock {
  now = $state(Date.now());
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Runs until the returned function is called. */
  run(): () => void {
    this.now = Date.now();
    this.#timer ??= setInterval(() => (this.now = Date.now()), SECOND);
    return () => {
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}
