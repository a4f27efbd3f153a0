import { existsSync, readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { everyAlarm } from './every-alarm';
import { documented, FOLDER, runbookPages } from './runbook-pages';
import { Alert, PLACEHOLDER } from '../../src/observability/alert';

/** Alarms that have no runbook yet, by the ids of their constructs. Nothing may be added here but an alarm of a block that is new. */
const WITHOUT: string[] = [];

/** A name that is only known at deployment may be so long in what CloudFormation makes. */
const LONGEST_NAME = 128;

/** What a team watches of its own metrics, as examples/arcade does, has pages of the team's own. */
const OWN = ['Plays'];

const alarms = everyAlarm().filter(({ path }) => !OWN.includes(path.split('/').at(-1)!));
const texts = alarms.map(({ path, properties }) => ({ path, description: properties.AlarmDescription as unknown }));

function longest(description: unknown): number {
  if (typeof description === 'string') return description.length;
  const parts: unknown[] = (description as any)['Fn::Join'][1];
  return parts.reduce<number>((sum, part) => sum + (typeof part === 'string' ? part.length : LONGEST_NAME), 0);
}

const flat = (description: unknown) => typeof description === 'string' ? description : JSON.stringify(description);

test('every alarm has a runbook', () => {
  const missing = alarms.filter(({ alarm }) => !Alert.of(alarm).text?.runbook).map(({ path }) => path);
  expect(missing.filter(path => !WITHOUT.includes(path.split('/').at(-1)!))).toEqual([]);
});

test('the pages are those that "npx projen runbooks" writes', () => {
  const pages = runbookPages();
  expect(readdirSync(FOLDER).sort()).toEqual([...pages.keys()].sort());
  for (const [file, text] of pages) expect({ file, text: readFileSync(join(FOLDER, file), 'utf8') }).toEqual({ file, text });
});

test('the text of every alarm ends in the address of its page, which is there', () => {
  for (const { path, description } of texts) {
    const page = /\/docs\/runbooks\/([a-z-]+\.md)(?:"\]\]\})?$/.exec(flat(description))?.[1];
    expect({ path, page: page !== undefined && existsSync(join(FOLDER, page)) }).toEqual({ path, page: true });
  }
});

test('no text is longer than CloudWatch takes, whatever the names will be', () => {
  expect(texts.filter(({ description }) => longest(description) > 1024).map(({ path }) => path)).toEqual([]);
});

test('names are filled in: none of the placeholders is left', () => {
  expect(texts.filter(({ description }) => (flat(description).match(PLACEHOLDER) ?? []).length > 0).map(({ path }) => path)).toEqual([]);
});

test('most alarms have room for all three steps', () => {
  const short = texts.filter(({ description }) => !flat(description).includes('\\n3. ') && !flat(description).includes('\n3. '));
  expect(short.length).toBeLessThan(alarms.length / 4);
});

test('alarms of one page agree in what is to be done', () => {
  for (const [page, of] of documented(alarms)) {
    expect({ page, steps: new Set(of.map(({ runbook }) => JSON.stringify([runbook.then, runbook.escalate]))).size }).toEqual({ page, steps: 1 });
  }
});
