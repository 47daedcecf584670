import type { Answer, Task } from './tasks';

async function answerTo(task: Task): Promise<Answer['result']> {
  if (task.kind === 'code') return (await import('./colour')).colourCode(task.grammar, task.text);
  return (await import('./formula')).formulaTree(task.text, task.display);
}

self.addEventListener('message', ({ data }: MessageEvent<{ id: number; task: Task }>) => {
  const send = (result: Answer['result']) => self.postMessage({ id: data.id, result } satisfies Answer);
  answerTo(data.task).then(send, () => send(null));
});
