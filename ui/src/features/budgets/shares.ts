const MOST = 5;

/** Shares as they are typed: "80, 95". In order and each once, or what is wrong. */
export function readShares(typed: string): { shares: number[] } | { fault: 'shares' | 'many' } {
  const parts = typed
    .split(/[\s,;]+/)
    .map((part) => part.replace(/%$/, ''))
    .filter((part) => part !== '');
  const shares = [...new Set(parts.map(Number))].sort((one, other) => one - other);
  if (shares.some((share) => !Number.isInteger(share) || share < 1 || share > 100))
    return { fault: 'shares' };
  return shares.length > MOST ? { fault: 'many' } : { shares };
}
