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
