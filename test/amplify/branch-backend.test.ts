import { BranchBackend, resolveBackend, resolveBackends } from '../../src/amplify/branch-backend';

const { own, none, sharedWith } = {
  own: () => BranchBackend.own(), none: () => BranchBackend.none(), sharedWith: (name: string) => BranchBackend.sharedWith(name),
};

const resolve = (branches: Record<string, BranchBackend>) => Object.fromEntries(resolveBackends('App', new Map(Object.entries(branches))));

test('each branch has its own backend, another branch\'s, or none', () => {
  expect(resolve({ staging: sharedWith('main'), main: own(), production: own(), docs: none() }))
    .toEqual({ main: 'main', staging: 'main', production: 'production', docs: undefined });
});

test.each<[string, Record<string, BranchBackend>, string[]]>([
  ['an unknown branch', { main: own(), staging: sharedWith('mian') }, ['staging -> mian', 'there is no branch mian', 'main']],
  ['an unknown branch further on', { staging: sharedWith('qa'), qa: sharedWith('x') }, ['staging -> qa -> x', 'there is no branch x', 'no branch has one yet']],
  ['itself', { staging: sharedWith('staging') }, ['staging -> staging', 'none has one']],
  ['a cycle', { a: sharedWith('b'), b: sharedWith('c'), c: sharedWith('a') }, ['a -> b -> c -> a', 'none has one']],
  ['a cycle further on', { a: sharedWith('b'), b: sharedWith('c'), c: sharedWith('b') }, ['a -> b -> c -> b', 'none has one']],
  ['a branch that shares itself', { main: own(), qa: sharedWith('main'), staging: sharedWith('qa') }, ['staging -> qa -> main', "no backend of its own, but main's"]],
  ['a branch without a backend', { docs: none(), staging: sharedWith('docs') }, ['staging -> docs', 'docs has no backend']],
])('refuses a backend that is shared with %s, and shows the way', (_, branches, words) => {
  expect(() => resolve(branches)).toThrow(expect.objectContaining({ name: 'PlatformError' }));
  for (const word of words) expect(() => resolve(branches)).toThrow(word);
});

test('previews share the backend of a branch by the same rules', () => {
  const branches = new Map([['main', own()], ['staging', sharedWith('main')]]);
  expect(resolveBackend('App', 'previews', sharedWith('main'), branches)).toBe('main');
  expect(resolveBackend('App', 'previews', own(), branches)).toBeUndefined();
  expect(resolveBackend('App', 'previews', none(), branches)).toBeUndefined();
  expect(() => resolveBackend('App', 'previews', sharedWith('staging'), branches)).toThrow('previews -> staging -> main');
});

test('refuses a shared branch without a name', () => {
  expect(() => sharedWith('')).toThrow('branchName is not well-formed');
  expect(() => sharedWith(undefined as unknown as string)).toThrow('branchName is missing');
  expect(() => sharedWith(7 as unknown as string)).toThrow('branchName is not well-formed');
});
