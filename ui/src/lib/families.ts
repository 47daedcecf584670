const LONGEST = 200;
/** Enough for a name that carries every mark a vendor adds; what is stranger stays as it is. */
const PASSES = 8;

const REGIONS = /^(?:us|eu|ap|apac|au|ca|jp|sa|global|us-gov)\.(?=[a-z])/;
const MAKERS =
  /^(?:ai21|amazon|anthropic|cohere|deepseek|google|luma|meta|mistral|moonshotai|moonshot|openai|qwen|stability|twelvelabs|writer|zai)\./;
const VARIANTS = /(?::(?:free|nitro|floor|online|beta|extended|exacto|latest))+$/;

function pass(name: string): string {
  return name
    .replace(/^.*\//, '')
    .replace(REGIONS, '')
    .replace(MAKERS, '')
    .replace(/-v\d+(?::\d+)?$/, '')
    .replace(VARIANTS, '')
    .replace(/[-@](?:20\d{6}|20\d\d-\d\d-\d\d)(?=$|[-:@])/g, '')
    .replace(/[-@](?:latest|default)$/, '')
    .replace(/(\d)p(?=\d)/g, '$1.')
    .replace(/(^|-)v(?=\d)/g, '$1')
    .replace(/(\d)\.(?=\d)/g, '$1-')
    .replace(/[\s_:@-]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/**
 * What stays of a model's name when the marks of its vendors are taken away: the maker before a slash or a dot,
 * the region, the date, the variant. Two offers with the same rest are taken for the same model.
 */
export function familyOf(id: string): string {
  const whole = id.slice(0, LONGEST).trim().toLowerCase();
  let rest = whole;
  for (let at = 0; at < PASSES; at += 1) {
    const next = pass(rest);
    if (next === rest) break;
    rest = next;
  }
  return rest === '' ? whole : rest;
}
