import type { BudgetStop, Category, SkipView } from '../bindings';
import { BackendError } from '../errors';

/** Fails as a command does. */
export function refuse(
  code: string,
  over: Partial<{
    category: Category;
    field: string;
    message: string;
    cause: string;
    skipped: SkipView[];
    budgets: BudgetStop[];
  }> = {},
): never {
  const {
    category = null,
    field = null,
    message = code,
    cause = null,
    skipped = null,
    budgets = null,
  } = over;
  throw new BackendError({ code, category, message, field, status: null, cause, skipped, budgets });
}
