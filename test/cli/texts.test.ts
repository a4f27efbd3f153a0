import * as fc from 'fast-check';
import { parametersIn, parametersReadBy, secretsIn, textOf, textsOf } from '../../cli/doctor/texts';

const PLACE = { account: '111111111111', region: 'eu-central-1' };
const ARN = 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:';
const resource = (properties: object, type = 'AWS::ECS::TaskDefinition') => ({ type, properties });
const secretsOf = (properties: object, type?: string) => secretsIn(textsOf([resource(properties, type)], PLACE));
const join = (...parts: unknown[]) => ({ 'Fn::Join': ['', parts] });
const arnOf = (rest: string) => join('arn:', { Ref: 'AWS::Partition' }, ':secretsmanager:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, `:secret:${rest}`);

describe('secrets that must be there', () => {
  test('those that a container reads, with their fields', () => {
    expect(secretsOf({ Secrets: [{ ValueFrom: arnOf('shop/keys:STRIPE_KEY::') }, { ValueFrom: arnOf('shop/keys:MAIL_KEY::') }] }))
      .toEqual([{ id: `${ARN}shop/keys`, fields: ['STRIPE_KEY', 'MAIL_KEY'] }]);
  });

  test('those of dynamic references, by name and by ARN', () => {
    expect(secretsOf({ A: '{{resolve:secretsmanager:shop/google:SecretString:clientSecret::}}', B: join('x', '{{resolve:secretsmanager:', arnOf('b'), '}}') }))
      .toEqual([{ id: 'shop/google', fields: ['clientSecret'] }, { id: `${ARN}b`, fields: [] }]);
  });

  test('not those that the template makes itself', () => {
    expect(secretsOf({ ValueFrom: join({ Ref: 'Secret' }, ':url::'), B: { 'Fn::Sub': '{{resolve:secretsmanager:${Secret}:SecretString:url}}' } })).toEqual([]);
  });

  test('not what a role may read, and no pattern of names', () => {
    expect(secretsOf({ PolicyDocument: { Resource: `${ARN}shop/keys-??????` } }, 'AWS::IAM::ManagedPolicy')).toEqual([]);
    expect(secretsOf({ Resource: `${ARN}shop/*` })).toEqual([]);
  });
});

test('parameters of dynamic references, of containers and of the template, but not that of the bootstrap', () => {
  const texts = textsOf([resource({
    A: '{{resolve:ssm:/shop/url}}', B: '{{resolve:ssm-secure:/shop/key:3}}', C: join('arn:aws:ssm:', { Ref: 'AWS::Region' }, ':1:parameter/shop/mail'), D: '{{resolve:ssm:/shop/*}}',
  })], PLACE);
  expect(parametersIn(texts)).toEqual(['/shop/url', '/shop/key', '/shop/mail']);
  const Type = 'AWS::SSM::Parameter::Value<String>';
  const parameters = { BootstrapVersion: { Type, Default: '/cdk-bootstrap/x/version' }, Url: { Type, Default: '/shop/api' }, Size: { Type: 'String', Default: 'x' } };
  expect(parametersReadBy({ parameters })).toEqual(['/shop/api']);
});

test.each([['eu-central-1', 'aws'], ['us-gov-west-1', 'aws-us-gov'], ['cn-north-1', 'aws-cn']])('the partition of %s is %s', (region, partition) => {
  expect(textOf({ Ref: 'AWS::Partition' }, { region })).toBe(partition);
});

test('no template makes it fail, and texts come out as they are', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.string(), (value, text) => {
    const texts = textsOf([resource({ value, text })], PLACE);
    secretsIn(texts);
    parametersIn(texts);
    expect(texts.has(text)).toBe(true);
  }), { numRuns: 200 });
});
