/** The chat that is open, kept in the page's address: a page that is loaded again comes back to it. */

const FORM = /^#(chat|demo)-(\d+)$/;

export function rememberPlace(demo: boolean, chatId: string | null): void {
  const hash = chatId ? `#${demo ? 'demo' : 'chat'}-${chatId}` : '';
  if (location.hash === hash) return;
  history.replaceState(null, '', location.pathname + location.search + hash);
}

/** The chat that an address names, if it is one of this data folder. */
export function placeIn(hash: string, demo: boolean): string | null {
  const [, folder, id] = FORM.exec(hash) ?? [];
  return id && (folder === 'demo') === demo ? id : null;
}
