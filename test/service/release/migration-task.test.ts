import { clientToken, endOf, failureOf, MigrationTask, shorten, startedBy } from '../../../src/service/release/migration-task';

test.each<[string, MigrationTask, string | undefined]>([
  ['that ended well', { stopped: true, exitCode: 0, startedAt: 1, stopCode: 'EssentialContainerExited' }, undefined],
  ['that ended well, without a word of ECS', { stopped: true, exitCode: 0, startedAt: 1, stopCode: '' }, undefined],
  ['that ended badly', { stopped: true, exitCode: 2, startedAt: 1, stopCode: 'EssentialContainerExited' }, 'exit code 2'],
  ['that was never there', { stopped: true, stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError' }, 'its task never started: CannotPullContainerError'],
  ['that was stopped and ended well', { stopped: true, exitCode: 0, startedAt: 1, stopCode: 'UserInitiated' }, 'its task was stopped before its command had ended: no reason given'],
  ['that was lost', { stopped: true, startedAt: 1, stoppedReason: 'Host failed' }, 'its task ended without an exit code: Host failed'],
])('of a task %s the failure is told right', (_, task, expected) => {
  expect(failureOf(task)).toBe(expected);
});

test('names of tasks and tokens are what ECS takes, whatever the execution is called', () => {
  const names = ['a', 'ж'.repeat(300), 'by hand 4711'].map(startedBy);

  for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_/-]{1,36}$/);
  expect(new Set(names).size).toBe(3);
  expect(clientToken('ж', 1)).toMatch(/^[!-~]{1,64}$/);
  expect(clientToken('a', 1)).not.toBe(clientToken('a', 2));
});

describe('the end of an output', () => {
  test('has twenty lines', () => {
    expect(endOf(Array.from({ length: 50 }, (_, index) => `${index}`))).toEqual(Array.from({ length: 20 }, (_, index) => `${index + 30}`));
  });

  test('has two kilobytes, of the last lines', () => {
    const end = endOf([...Array(20).fill('x'.repeat(300)), 'the error']);

    expect(end.at(-1)).toBe('the error');
    expect(Buffer.byteLength(end.join('\n'))).toBeLessThanOrEqual(2048);
    expect(end.length).toBe(7);
  });

  test('has the beginning of a last line that is too long', () => {
    expect(endOf(['before', 'ж'.repeat(5000)])).toEqual([expect.stringMatching(/^ж{1000,1022}…$/)]);
  });

  test('has no colours and no control characters', () => {
    expect(endOf(['\u001B[31mred\u001B[0m\u0007\r', '\tindented'])).toEqual(['red', '\tindented']);
  });
});

test.each([['short', 100], ['жжжж', 8]])('%s is not shortened to %d bytes', (text, bytes) => {
  expect(shorten(text, bytes)).toBe(text);
});

test.each([[9], [10], [11], [12]])('a text of letters of two bytes is cut between letters at %d bytes', bytes => {
  const short = shorten('жжжжжжжж', bytes);

  expect(short).toMatch(/^ж+…$/);
  expect(Buffer.byteLength(short)).toBeLessThanOrEqual(bytes);
});
