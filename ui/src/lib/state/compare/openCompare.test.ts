import { beforeEach, describe, expect, it } from 'vitest';
import { fakeBackend } from '$lib/ipc/fake/backend';
import { answerText } from '$lib/stream/text';
import { toModel } from '$lib/targets';
import { App } from '../app.svelte';
import { newCompare, openCompare } from '../compareChanges';
import type { OpenCompare } from './openCompare.svelte';

let app: App;

const begin = async (query: string) => {
  history.replaceState(null, '', '/');
  app = new App(fakeBackend(new URLSearchParams(`scene=compare&theme=light&pace=1&${query}`)));
  await app.start();
};
const session = () => {
  if (!app.session) throw new Error('no session');
  return app.session;
};
const open = (): OpenCompare => session().compare.open;
const until = async (done: () => boolean) => {
  for (let tries = 0; !done() && tries < 4000; tries += 1) await new Promise((next) => setTimeout(next, 1));
  expect(done()).toBe(true);
};
const answers = () => open().turn?.answers.map((answer) => open().answerOf(answer)) ?? [];
const over = () => open().begun && !open().running;

beforeEach(() => localStorage.clear());

describe('a comparison', () => {
  it('asks all lanes at once, and no word of one comes into another', async () => {
    await begin('lanes=6');
    await newCompare(app);
    open().prompt.text = 'Explain idempotency keys.';
    await open().send();
    expect(open().turn?.answers).toHaveLength(6);
    await until(over);
    for (const message of answers()) {
      expect(message?.status).toBe('complete');
      const ids = new Set(message?.attempts.map(({ id }) => id));
      expect(message?.parts.every(({ attemptId }) => attemptId !== null && ids.has(attemptId))).toBe(true);
    }
    const models = answers().map((message) => message?.attempts.at(-1)?.model);
    expect(models).toEqual(open().lanes.map(({ target }) => (target?.kind === 'model' ? target.model : '')));
    // What the lanes cost is what the comparison cost.
    const view = await app.backend.getCompare(open().id ?? '');
    const lanes = view.lanes.reduce((sum, { spend }) => sum + spend.totalNano, 0);
    expect(lanes).toBe(view.spend.totalNano);
    expect(open().spend?.totalNano).toBe(view.spend.totalNano);
  });

  it('reckons each lane for itself, and none by what stood in its place before', async () => {
    await begin('');
    await newCompare(app);
    const { prompt } = open();
    await until(() => prompt.estimate !== null);
    const [first, ...rest] = open().lanes;
    if (!first) throw new Error('no lane');
    const known = prompt.of(first);
    expect(known).not.toBeNull();
    open().setLanes([...rest, first]);
    expect(prompt.of(first)).toBe(known);
    const [other] = rest;
    open().change(first.key, { target: other?.target ?? null });
    const changed = open().lanes.find(({ key }) => key === first.key);
    expect(changed && prompt.of(changed)).toBeNull();
  });

  it('has the spend of all its answers, in whatever order they tell of their end', async () => {
    await begin('');
    await newCompare(app);
    open().prompt.text = 'Explain idempotency keys.';
    await open().send();
    await until(over);
    const { summary, spend } = open();
    if (!summary || !spend) throw new Error('it has no row');
    open().settled(summary, { ...spend, entries: spend.entries - 1, totalNano: 1 });
    expect(open().spend).toEqual(spend);
  });

  it('lets one fail and be asked again, and the others are as they were', async () => {
    await begin('script=fail:gemini');
    await newCompare(app);
    open().prompt.text = 'Explain idempotency keys.';
    await open().send();
    await until(over);
    const before = answers().map((message) => message && answerText(message));
    const failed = answers()[3];
    expect(answers().map((message) => message?.status)).toEqual([
      'complete',
      'complete',
      'complete',
      'failed',
    ]);
    await open().retry(failed?.id ?? '', null);
    await until(over);
    const [last] = answers().slice(3);
    expect(last?.status).toBe('complete');
    expect(open().turn?.answers[3]?.versions).toEqual([failed?.id, last?.id]);
    expect(
      answers()
        .slice(0, 3)
        .map((message) => message && answerText(message)),
    ).toEqual(before.slice(0, 3));
    // The one that failed can still be looked at.
    const place = open().turn?.answers[3];
    if (place && failed) open().chooseVersion(place, failed.id);
    expect(answers()[3]?.status).toBe('failed');
  });

  it('loses nothing when the page attaches anew in the middle', async () => {
    await begin('script=hold:claude,hold:deepseek');
    await newCompare(app);
    open().prompt.text = 'Explain idempotency keys.';
    await open().send();
    await until(() => answers().every((message) => (message?.parts.length ?? 0) > 0));
    const said = answers().map((message) => (message ? answerText(message) : ''));
    await app.runs.attach();
    const now = answers().map((message) => (message ? answerText(message) : ''));
    now.forEach((text, at) => expect(text.startsWith(said[at] ?? '?')).toBe(true));
    await until(() => app.runs.allOf(open().id ?? '').length === 2);
    await open().stopAll();
    await until(over);
    expect(answers().map((message) => message?.status)).toEqual([
      'cancelled',
      'complete',
      'cancelled',
      'complete',
    ]);
  });

  it('says of a lane why it was not asked, and asks the others', async () => {
    await begin('');
    await newCompare(app);
    open().add(toModel({ providerId: 'p-nobody', model: 'none' }));
    open().prompt.text = 'Hello';
    await open().send();
    await until(over);
    expect(answers().at(-1)?.refused?.code).toBe('not_found');
    expect(answers()[0]?.status).toBe('complete');
  });

  it('keeps what is not begun, and the next one begins with the same lanes', async () => {
    await begin('desk=kept');
    await newCompare(app);
    open().add(toModel({ providerId: 'p-openai', model: 'gpt-5.4' }));
    open().prompt.text = 'Half a sent';
    await app.flush();
    await begin('desk=kept');
    await newCompare(app);
    expect(open().prompt.text).toBe('Half a sent');
    expect(open().lanes).toHaveLength(5);
    await open().send();
    await until(over);
    const { id } = open();
    await newCompare(app);
    expect(open().id).toBeNull();
    expect([open().lanes.length, open().prompt.text]).toEqual([5, '']);
    // The one that was begun stays as it is.
    await openCompare(app, id ?? '');
    expect(open().turns).toHaveLength(1);
    expect(open().lanes.every((lane) => lane.id !== null)).toBe(true);
  });

  it('takes a lane out and back again, with its answers', async () => {
    await begin('');
    await openCompare(app, session().list.items.find(({ title }) => title === 'Idempotency keys')?.id ?? '');
    const [first] = open().lanes;
    const back = open().remove(first?.key ?? 0);
    await app.flush();
    expect(open().lanes).toHaveLength(3);
    expect(open().gone.map(({ id }) => id)).toEqual([first?.id]);
    back?.();
    await app.flush();
    expect(open().gone).toEqual([]);
    expect(open().lanes.map(({ id }) => id)[0]).toBe(first?.id);
  });

  it('asks what a budget asks, and keeps the text meanwhile', async () => {
    await begin('budgets=ask');
    await newCompare(app);
    open().prompt.text = 'Expensive';
    await open().send();
    expect(open().refusal?.code).toBe('over_budget');
    expect(open().prompt.text).toBe('Expensive');
    await open().anyway?.();
    expect(open().turns).toHaveLength(1);
    await open().stopAll();
  });

  it('goes on from one answer where that is chosen', async () => {
    await begin('');
    await openCompare(app, session().list.items.find(({ title }) => title === 'Idempotency keys')?.id ?? '');
    const from = answers()[1]?.id ?? '';
    open().prompt.sharedFrom = from;
    open().prompt.text = 'Shorter';
    await open().send();
    expect(open().turn?.sharedFrom).toBe(from);
    expect(open().prompt.sharedFrom).toBeNull();
    await until(over);
  });
});
