import type { BudgetStop, Category, CommandError, SkipView } from './bindings';

/** A command that failed, with what the screen needs to say so. */
export class BackendError extends Error {
  readonly code: string;
  readonly category: Category | null;
  readonly field: string | null;
  readonly status: number | null;
  readonly reason: string | null;
  /** Who was passed over, where nobody could be asked. */
  readonly skipped: readonly SkipView[];
  /** The budgets in the way, for `over_budget`. */
  readonly budgets: readonly BudgetStop[];

  constructor(error: CommandError) {
    super(error.message);
    this.name = 'BackendError';
    this.code = error.code;
    this.category = error.category;
    this.field = error.field;
    this.status = error.status;
    this.reason = error.cause;
    this.skipped = error.skipped ?? [];
    this.budgets = error.budgets ?? [];
  }
}

/** Any rejection as a `BackendError`: a broken bridge is a failure like others, with a code of its own. */
export function asBackendError(thrown: unknown): BackendError {
  if (thrown instanceof BackendError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new BackendError({
    code: 'bridge',
    category: 'internal',
    message,
    field: null,
    status: null,
    cause: null,
  });
}
