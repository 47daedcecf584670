import { many } from './words';

export const markdownEn = {
  hidden: (codes: string) => `Characters that cannot be seen: ${codes}`,
  wrap: 'Wrap long lines',
  noWrap: 'Do not wrap lines',
  code: 'Code',
  showMore: (size: string) => `Show all ${size}`,
  showRows: (count: string) => `Show all ${count} rows`,
  showItems: (count: string) => `Show all ${count} items`,
  longText: (shown: string, size: string) => `${shown} of ${size} shown.`,
  size: (units: number) =>
    units < 1_000
      ? `${units} B`
      : units < 1_000_000
        ? `${Math.round(units / 1_000)} KB`
        : `${(units / 1e6).toFixed(1)} MB`,
  table: 'Table',
  copyTsv: 'Copy table for a spreadsheet (TSV)',
  copyCsv: 'Copy table as CSV',
  copyFormula: 'Copy the formula as LaTeX',
  formula: 'Formula',
  badFormula: 'This formula cannot be drawn. Its source is shown.',
  openLink: (url: string) => `Open ${url}`,
  opensHost: (host: string) => `leads to ${host}`,
  disguised: 'The words name another address than the one this link opens.',
  notOpened: 'Only web and mail addresses can be opened.',
  loadImage: 'Load',
  loadImageName: (alt: string) => `Load image ${alt}`,
  loadingImage: 'Loading',
  imageFailed: 'The image could not be loaded.',
  imageHint: 'Nothing is fetched before you ask for it.',
  noteCall: (label: string) => `Note ${label}`,
  noteBack: (label: string) => `Back to the text of note ${label}`,
  notes: 'Note',
  tool: {
    call: 'Tool call',
    result: 'Tool result',
    failed: 'Tool failed',
    server: 'Tool run by the provider',
    unnamed: 'without a name',
    noArguments: 'no arguments',
    show: 'Show',
    hide: 'Hide',
    fields: (count: number) => `${count} ${many(count, 'field', 'fields')}`,
    writing: 'is being written',
  },
  source: 'Source',
  sources: 'Sources',
  sourceCount: (count: number) => `${count} ${many(count, 'source', 'sources')}`,
  media: { image: 'Image', picture: 'Image in the answer', file: 'File', size: (size: string) => `${size}` },
  mediaFailed: 'This image cannot be shown.',
};
