/** A column of a comparison, ready to be written down. */
export type TableColumn = {
  name: string;
  provider: string;
  status: string;
  firstToken: string;
  speed: string;
  tokens: string;
  cost: string;
  answer: string;
};

type Heads = {
  model: string;
  provider: string;
  status: string;
  firstToken: string;
  speed: string;
  tokens: string;
  cost: string;
  prompt: string;
};

const oneLine = (text: string): string => text.replaceAll(/\s*\r?\n\s*/g, ' ').trim();

/** What would end a cell is written so that it does not. */
const cell = (text: string): string => oneLine(text.replaceAll('\\', '\\\\').replaceAll('|', '\\|')) || '–';

const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

/** A prompt, the models with their figures, and what they answered, in Markdown. */
export function asTable(prompt: string, columns: readonly TableColumn[], heads: Heads): string {
  const { model, provider, status, firstToken, speed, tokens, cost } = heads;
  const quoted = prompt
    .split('\n')
    .map((words) => `> ${words}`.trimEnd())
    .join('\n');
  const rows = columns.map((one) =>
    line([one.name, one.provider, one.status, one.firstToken, one.speed, one.tokens, one.cost]),
  );
  const answers = columns
    .filter(({ answer }) => answer.trim() !== '')
    .map(({ name, provider: by, answer }) => `## ${oneLine(`${name} (${by})`)}\n\n${answer.trim()}`);
  return [
    `**${heads.prompt}**\n\n${quoted}`,
    [
      line([model, provider, status, firstToken, speed, tokens, cost]),
      '|---|---|---|--:|--:|--:|--:|',
      ...rows,
    ].join('\n'),
    ...answers,
  ]
    .join('\n\n')
    .concat('\n');
}
