import type { Backend } from '$lib/ipc/backend';
import type { SearchInput, SearchView } from '$lib/ipc/bindings';

/** Searches that end each other in turn must come to an end themselves. */
const MOST_ASKS = 4;

/**
 * Searches until there is an answer. Calls may overtake each other on their way, and then an older one ends the newest:
 * what is still wanted is asked again. Null where it is no longer wanted.
 */
export async function ask(
  backend: Pick<Backend, 'search'>,
  input: SearchInput,
  isWanted: () => boolean = () => true,
): Promise<SearchView | null> {
  let view = await backend.search(input);
  for (let asks = 1; view.superseded && asks < MOST_ASKS && isWanted(); asks += 1)
    view = await backend.search(input);
  return isWanted() ? view : null;
}
