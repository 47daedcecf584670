import { tick } from 'svelte';

/** Goes to the first field that is wrong, wherever a form was scrolled to. */
export async function focusFault(form: Element | null | undefined): Promise<void> {
  await tick();
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
