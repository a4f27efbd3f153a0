import { loadSecrets, ParameterReader } from '../../examples/rpg/web/lib/secrets';

const path = (name: string) => `/amplify/d2mgxqlhqfnu3l/staging-branch-0123456789/${name}`;

/** A Parameter Store with these values, where some names are refused, as IAM does for all of a request. */
function store(values: Record<string, string>, denied: string[] = []): ParameterReader & { readonly asked: string[][] } {
  const asked: string[][] = [];
  return {
    asked,
    send: async ({ input: { Names = [] } }) => {
      asked.push(Names);
      if (Names.length > 10) throw Object.assign(new Error('too many'), { name: 'ValidationException' });
      if (Names.some(name => denied.includes(name))) throw Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
      return { Parameters: Names.filter(name => name in values).map(Name => ({ Name, Value: values[Name] })) };
    },
  };
}

async function load(names: string[], reader: ParameterReader, environment: Record<string, string | undefined> = {}) {
  const all = { SECRET_PARAMETERS: names.map(path).join(','), ...environment };
  return { missing: await loadSecrets(all, reader), environment: all as Record<string, string | undefined> };
}

test('secrets reach the server under their names, ten in a request', async () => {
  const names = Array.from({ length: 25 }, (_, index) => `SECRET_${index}`);
  const reader = store(Object.fromEntries(names.map(name => [path(name), `value of ${name}`])));
  const { missing, environment } = await load(names, reader);
  expect(missing).toEqual([]);
  expect(reader.asked.map(({ length }) => length)).toEqual([10, 10, 5]);
  for (const name of names) expect(environment[name]).toBe(`value of ${name}`);
});

test('a variable that is set already keeps its value, and its secret is not read', async () => {
  const reader = store({ [path('A')]: 'a', [path('B')]: 'b' });
  const { environment } = await load(['A', 'B'], reader, { A: 'mine' });
  expect([environment.A, environment.B, reader.asked]).toEqual(['mine', 'b', [[path('B')]]]);
});

test('a secret that the stack has given up does not keep the server from its others', async () => {
  expect(await load(['GONE', 'KEPT'], store({ [path('KEPT')]: 'x' }))).toMatchObject({ missing: [path('GONE')], environment: { KEPT: 'x' } });
  expect(await load(['DENIED', 'KEPT'], store({ [path('KEPT')]: 'x' }, [path('DENIED')]))).toMatchObject({ missing: [path('DENIED')], environment: { KEPT: 'x' } });
});

test('a Parameter Store that cannot be asked is an error, so that the next process tries again', async () => {
  const reader = { send: () => Promise.reject(Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' })) };
  await expect(load(['A'], reader)).rejects.toThrow('Rate exceeded');
});

test('a server without secrets asks for nothing', async () => {
  const reader = store({});
  expect(await loadSecrets({ SECRET_PARAMETERS: '' }, reader)).toEqual([]);
  expect(await loadSecrets({}, reader)).toEqual([]);
  expect(reader.asked).toEqual([]);
});
