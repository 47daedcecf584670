import type { Backend } from '$lib/ipc/backend';
import type { Leaderboard, LeaderboardFilter, RouteTrial } from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';

export type RankingBackend = Pick<Backend, 'leaderboard' | 'routeTrials'>;

/** What a table of models is ordered by. */
export type BoardOrder = { by: 'rank' | 'model' | 'won' | 'cost' | 'first' | 'speed'; down: boolean };

/** What the person's judgements come to. What was counted before stays until the new is there. */
export class Ranking {
  filter = $state.raw<LeaderboardFilter>({ tag: null, blindOnly: false });
  order = $state.raw<BoardOrder>({ by: 'rank', down: false });
  board = $state.raw<Leaderboard | null>(null);
  /** Weighted routes as experiments. */
  trials = $state.raw<RouteTrial[] | null>(null);
  /** The route whose trial the person came for; said once. */
  wanted = $state<string | null>(null);
  loading = $state(false);
  error = $state.raw<BackendError | null>(null);

  readonly #backend: RankingBackend;
  #turn = 0;

  constructor(backend: RankingBackend) {
    this.#backend = backend;
  }

  get filtered(): boolean {
    return this.filter.tag !== null || this.filter.blindOnly;
  }

  /** Counts anew: the judgements that fit the filter, and the trials of all routes. */
  async read(): Promise<void> {
    await this.#read(() =>
      Promise.all([this.#backend.leaderboard(this.filter), this.#backend.routeTrials()]),
    );
  }

  /** Counts other judgements. */
  async narrow(change: Partial<LeaderboardFilter>): Promise<void> {
    this.filter = { ...this.filter, ...change };
    await this.#read(() => Promise.all([this.#backend.leaderboard(this.filter), this.trials]));
  }

  /** By another column, or the other way round. What is small comes first only where small is good. */
  sort(by: BoardOrder['by']): void {
    const down = this.order.by === by ? !this.order.down : by === 'won' || by === 'speed';
    this.order = { by, down };
  }

  async #read(ask: () => Promise<[Leaderboard, RouteTrial[] | null]>): Promise<void> {
    const turn = ++this.#turn;
    this.loading = true;
    try {
      const [board, trials] = await ask();
      if (turn !== this.#turn) return;
      this.board = board;
      this.trials = trials;
      this.error = null;
      // A tag that is in use no longer holds nothing back.
      const { tag } = this.filter;
      if (tag !== null && !board.tags.some((one) => one.tag === tag)) void this.narrow({ tag: null });
    } catch (thrown) {
      if (turn === this.#turn) this.error = asBackendError(thrown);
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }
}
