import { Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parse } from 'yaml';
import { addApp, appOf, newStack, refusal } from './amplify-fixtures';
import { AmplifyHeaders } from '../../src';

type Rules = { [pattern: string]: { [name: string]: string } };

function headers(customHeaders?: AmplifyHeaders[], appRoot?: string): Rules {
  const stack = newStack();
  addApp(stack, { customHeaders, appRoot });
  const document = parse(appOf(Template.fromStack(stack)).CustomHeaders);
  const { customHeaders: list } = appRoot === undefined ? document : document.applications[0];
  const byName = (pairs: any) => Object.fromEntries(pairs.map(({ key, value }: any) => [key, value]));
  return Object.fromEntries(list.map(({ pattern, headers: pairs }: any) => [pattern, byName(pairs)]));
}

test('browsers are told to be careful everywhere', () => {
  const rules = headers();
  expect(Object.keys(rules)).toEqual(['**/*']);
  expect(rules['**/*']).toMatchObject({ 'X-Content-Type-Options': 'nosniff', 'Strict-Transport-Security': 'max-age=31536000' });
});

test('a header of the team\'s own takes the place of one of the same name, in whatever case', () => {
  const rules = headers([{ headers: { 'x-frame-options': 'DENY' } }]);
  expect(rules['**/*']['x-frame-options']).toBe('DENY');
  expect(rules['**/*']).not.toHaveProperty('X-Frame-Options');
});

test('an empty text takes a header away, and a rule without headers is none', () => {
  const rules = headers([{ headers: { 'Permissions-Policy': '' } }, { pattern: '/x', headers: { 'X-A': '' } }]);
  expect(rules['**/*']).not.toHaveProperty('Permissions-Policy');
  expect(rules).not.toHaveProperty('/x');
});

test('rules for the same addresses are one, and others stand after those for all', () => {
  const rules = headers([{ pattern: '/a/*', headers: { 'X-A': '1', 'X-B': '1' } }, { headers: { 'X-C': '1' } }, { pattern: '/a/*', headers: { 'X-B': '2' } }]);
  expect(Object.keys(rules)).toEqual(['**/*', '/a/*']);
  expect(rules['/a/*']).toEqual({ 'X-A': '1', 'X-B': '2' });
  expect(rules['**/*']['X-C']).toBe('1');
});

test.each(["it's", '"quoted"', 'a: b', '# no comment', '- no list', '{a}', '*', '&a', 'true', '1', ' spaces '])('the value %j comes back from the YAML as it was', text => {
  for (const appRoot of [undefined, 'apps/web']) expect(headers([{ headers: { 'X-Odd': text } }], appRoot)['**/*']['X-Odd']).toBe(text);
});

test.each<[string, unknown, RegExp]>([
  ['no list', { headers: {} }, /not a list/],
  ['no rule', [null], /customHeaders is missing/],
  ['a text', ['X-A: 1'], /customHeaders is missing/],
  ['no headers', [{ pattern: '/' }], /customHeaders is missing/],
  ['a list of headers', [{ headers: [] }], /not an object/],
  ['a name with a colon', [{ headers: { 'X-A:': '1' } }], /'X-A:'/],
  ['two lines', [{ headers: { 'X-A': 'a\r\nX-B: 1' } }], /X-A has a value/],
  ['a number', [{ headers: { 'X-A': 1 } }], /X-A has a value/],
  ['a sign that is no ASCII', [{ headers: { 'X-A': 'é' } }], /X-A has a value/],
  ['a pattern with a space', [{ pattern: '/a b', headers: {} }], /without spaces/],
  ['a value that is known at deployment only', [{ headers: { 'X-A': Token.asString({ Ref: 'A' }) } }], /only known at deployment/],
  ['more than Amplify takes', [{ headers: { 'X-A': 'x'.repeat(25_000) } }], /allowed: 25000/],
])('%s is refused', (_what, customHeaders, message) => {
  expect(refusal(() => headers(customHeaders as AmplifyHeaders[]))).toMatch(message);
});
