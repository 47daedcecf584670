import { t } from '$lib/i18n/en';
import type { PageId } from '$lib/state/settingsPage';
import type { IconName } from '$lib/ui/icons';

/** A page of the settings and the names of what is on it, by which it is found. */
export type SettingsPage = {
  id: PageId;
  name: string;
  icon: IconName;
  group: string | null;
  holds: string[];
};

const words = t.settings;

export const pages: SettingsPage[] = [
  {
    id: 'general',
    name: words.general.title,
    icon: 'sliders',
    group: words.groups.general,
    holds: [words.general.sendWith, words.general.startWith, words.general.hosts],
  },
  {
    id: 'appearance',
    name: words.appearance.title,
    icon: 'half',
    group: words.groups.general,
    holds: [
      words.appearance.theme,
      words.appearance.zoom,
      words.appearance.readingSize,
      words.appearance.lineLength,
      words.appearance.density,
      words.appearance.codeWrap,
      words.appearance.hues,
      words.appearance.motion,
      words.appearance.showCost,
    ],
  },
  { id: 'shortcuts', name: words.shortcuts, icon: 'keyboard', group: words.groups.general, holds: [] },
  {
    id: 'costs',
    name: t.budgets.settings.title,
    icon: 'bars',
    group: words.groups.general,
    holds: [t.budgets.settings.message, t.budgets.settings.budgets, t.budgets.settings.prices],
  },
  {
    id: 'providers',
    name: words.catalogue.title,
    icon: 'plug',
    group: words.groups.data,
    holds: [
      words.catalogue.vendors,
      words.catalogue.folder,
      words.catalogue.modelsDev,
      t.prices.setting,
      t.exchange.import.open,
      t.exchange.export.open,
    ],
  },
  {
    id: 'data',
    name: words.data.title,
    icon: 'data',
    group: words.groups.data,
    holds: [words.data.folder, words.data.traffic.title, words.data.traffic.record],
  },
  {
    id: 'keys',
    name: words.keysPage.title,
    icon: 'lock',
    group: words.groups.data,
    holds: words.keysPage.holds,
  },
  {
    id: 'about',
    name: words.about.title,
    icon: 'info',
    group: null,
    holds: [words.about.version, words.about.licence],
  },
];

/** The pages with every word of the query in their names or in one name of what they hold, and which those are. */
export function findPages(query: string): { page: SettingsPage; found: string[] }[] {
  const wanted = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (name: string) => wanted.every((word) => name.toLowerCase().includes(word));
  if (wanted.length === 0) return pages.map((page) => ({ page, found: [] }));
  return pages
    .map((page) => ({ page, found: page.holds.filter(fits) }))
    .filter(({ page, found }) => found.length > 0 || fits(page.name));
}
