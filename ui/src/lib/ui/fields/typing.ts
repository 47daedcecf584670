import { onDestroy } from 'svelte';
import type { Draft } from '$lib/state/drafts.svelte';

/** What is said of a field by a note below it. */
export const describedBy = (id: string, error: string | null, hint: string | null | undefined) =>
  error !== null ? `${id}-error` : hint ? `${id}-hint` : undefined;

/** The attributes of a field in which a draft is typed: it is kept on leaving, and goes back with Escape. */
export function typing(draft: () => Draft, keeps: (event: KeyboardEvent) => boolean) {
  const held = draft();
  // Going away is leaving the field, too.
  onDestroy(() => void held.leave());

  return {
    autocomplete: 'off',
    spellcheck: 'false',
    oninput: (event: Event & { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => {
      draft().text = event.currentTarget.value;
    },
    onblur: () => void draft().leave(),
    onkeydown: (event: KeyboardEvent) => {
      if (event.isComposing) return;
      if (event.key === 'Enter' && keeps(event)) {
        event.preventDefault();
        void draft().commit();
      }
      if (event.key === 'Escape' && (draft().dirty || draft().error !== null)) {
        event.stopPropagation();
        draft().revert();
      }
    },
  } as const;
}
