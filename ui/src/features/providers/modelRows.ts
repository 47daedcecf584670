import type { Capabilities, ModelView } from '$lib/ipc/bindings';
import type { IconName } from '$lib/ui/icons';

/** What is drawn of a model's abilities, in this order. The first ones keep their place where a model has them not. */
export const DRAWN: { ability: keyof Capabilities; icon: IconName; always: boolean }[] = [
  { ability: 'images', icon: 'image', always: true },
  { ability: 'tools', icon: 'wrench', always: true },
  { ability: 'reasoning', icon: 'bulb', always: true },
  { ability: 'pdf', icon: 'file', always: true },
  { ability: 'structured', icon: 'braces', always: false },
  { ability: 'embeddings', icon: 'vector', always: false },
];

export const ABILITIES: (keyof Capabilities)[] = [
  'images',
  'pdf',
  'audio',
  'tools',
  'reasoning',
  'structured',
  'embeddings',
  'makesImages',
];

export const abilitiesOf = (model: ModelView) => ABILITIES.filter((ability) => model.can[ability] === true);

/** Those whose id or name has every word. */
export function matching(models: ModelView[], query: string): ModelView[] {
  const words = query.trim().toLowerCase().split(/\s+/);
  if (words.length === 1 && words[0] === '') return models;
  return models.filter((model) => {
    const text = `${model.id} ${model.name ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Rows that are built, each with how many rows are left out before it. */
export type Built = { row: number; skipped: number };

/** The rows in view with some beyond, and one that must stay. */
export function builtRows(count: number, from: number, to: number, kept: number | null): Built[] {
  const rows = new Set<number>();
  for (let row = Math.max(0, from); row < Math.min(count, to); row += 1) rows.add(row);
  if (kept !== null && kept >= 0 && kept < count) rows.add(kept);
  let end = 0;
  return [...rows]
    .sort((a, b) => a - b)
    .map((row) => {
      const skipped = row - end;
      end = row + 1;
      return { row, skipped };
    });
}
