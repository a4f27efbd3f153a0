import { existsSync, readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { everyAlarm } from './every-alarm';
import { documented, FOLDER, runbookPages } from './runbook-pages';
import { AppBucket, Monitoring, Recovery } from '../../src';
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

test('whoever is told of a failed backup, copy or restore test is told of its page too, in the folder of the team', () => {
  for (const runbookUrl of [undefined, 'https://wiki.example.com/runbooks']) {
    const stack = new Stack(new App(), 'Stack', { env: { region: 'eu-central-1' } });
    const recovery = new Recovery(stack, 'Recovery', { recoveryRegion: 'eu-west-1', buckets: [new AppBucket(stack, 'Papers')] });
    new Monitoring(stack, 'Monitoring', { watched: [recovery], runbookUrl });
    const told = Object.values(Template.fromStack(stack).findResources('AWS::Events::Rule')).flatMap(({ Properties }) => Properties.Targets)
      .flatMap(({ InputTransformer }) => InputTransformer?.InputTemplate ?? []).filter((text: string) => /restored|copied|not made/.test(text));
    expect(told.length).toBeGreaterThanOrEqual(2);
    for (const text of told) {
      const [, folder, page] = /Runbook: (https:\S+)\/(recovery-[a-z-]+\.md)"$/.exec(text) ?? [];
      expect([folder, page && existsSync(join(FOLDER, page))]).toEqual([runbookUrl ?? expect.stringMatching(/docs\/runbooks$/), true]);
    }
  }
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
