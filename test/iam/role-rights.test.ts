import { Template } from 'aws-cdk-lib/assertions';
import { RoleRights, RoleRightsOptions } from './role-rights';

type Json = { [name: string]: unknown };

const allow = (more: Json = {}) => ({ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::a/*', ...more });
const deny = (more: Json = {}) => ({ ...allow(more), Effect: 'Deny' });

function rights(statements: Json[], options?: RoleRightsOptions, resources: Json = {}, role: Json = {}): RoleRights {
  return new RoleRights(Template.fromJSON({
    Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: role },
      Policy: { Type: 'AWS::IAM::ManagedPolicy', Properties: { Roles: [{ Ref: 'Role' }], PolicyDocument: { Statement: statements } } },
      ...resources,
    },
  }), 'Role', options);
}

const FILE = 'arn:aws:s3:::a/file';

test('what nothing allows is forbidden', () => {
  expect(rights([]).isAllowed('s3:GetObject', FILE)).toBe(false);
  expect(rights([allow()]).isAllowed('s3:GetObject', FILE)).toBe(true);
  expect(rights([allow()]).isAllowed('s3:PutObject', FILE)).toBe(false);
  expect(rights([allow()]).isAllowed('s3:GetObject', 'arn:aws:s3:::b/file')).toBe(false);
});

test('a denial wins, whatever the order', () => {
  expect(rights([deny(), allow({ Action: '*', Resource: '*' })]).isAllowed('s3:GetObject', FILE)).toBe(false);
  expect(rights([allow({ Action: '*', Resource: '*' }), deny()]).isAllowed('s3:GetObject', FILE)).toBe(false);
  expect(rights([allow({ Action: '*', Resource: '*' }), deny()]).isAllowed('s3:PutObject', FILE)).toBe(true);
});

test('a denial with a condition that does not hold denies nothing', () => {
  const statements = [allow(), deny({ Condition: { Bool: { 'aws:SecureTransport': 'false' } } })];
  expect(rights(statements).isAllowed('s3:GetObject', FILE, { 'aws:SecureTransport': 'true' })).toBe(true);
  expect(rights(statements).isAllowed('s3:GetObject', FILE, { 'aws:SecureTransport': 'false' })).toBe(false);
});

test.each([
  ['s3:Get*', FILE, true],
  ['S3:getobject', FILE, true],
  ['s3:GetObjec?', FILE, true],
  ['s3:GetObject?', FILE, false],
  ['s3:GetObjectVersion', FILE, false],
  ['*', FILE, true],
])('the action %s allows GetObject: %s %s', (Action, resource, expected) => {
  expect(rights([allow({ Action })]).isAllowed('s3:GetObject', resource)).toBe(expected);
});

test.each([
  ['arn:aws:s3:::a', false],
  ['arn:aws:s3:::a/*', true],
  ['arn:aws:s3:::a/fil?', true],
  ['arn:aws:s3:::?/file', true],
  ['arn:aws:s3:::A/file', false],
  ['arn.aws.s3...a/file', false],
  ['*', true],
])('the resource %s is the file: %s', (Resource, expected) => {
  expect(rights([allow({ Resource })]).isAllowed('s3:GetObject', FILE)).toBe(expected);
});

test('NotAction and NotResource are everything else', () => {
  const statement = { Effect: 'Allow', NotAction: ['iam:*', 's3:Delete*'], NotResource: 'arn:aws:s3:::secret/*' };
  expect(rights([statement]).isAllowed('s3:GetObject', FILE)).toBe(true);
  expect(rights([statement]).isAllowed('s3:DeleteObject', FILE)).toBe(false);
  expect(rights([statement]).isAllowed('s3:GetObject', 'arn:aws:s3:::secret/file')).toBe(false);
});

test.each<[Json, { [key: string]: string | string[] }, boolean]>([
  [{ StringEquals: { k: ['x', 'y'] } }, { k: 'y' }, true],
  [{ StringEquals: { k: 'x*' } }, { k: 'xy' }, false],
  [{ StringEquals: { k: 'x' } }, {}, false],
  [{ StringEquals: { 'aws:PrincipalAccount': 'x' } }, { 'AWS:principalaccount': 'x' }, true],
  [{ StringEqualsIfExists: { k: 'x' } }, {}, true],
  [{ StringEqualsIfExists: { k: 'x' } }, { k: 'y' }, false],
  [{ StringLike: { k: 'x*' } }, { k: 'xyz' }, true],
  [{ StringLike: { k: 'x?' } }, { k: 'xyz' }, false],
  [{ ArnLike: { k: 'arn:aws:s3:*:*:a' } }, { k: 'arn:aws:s3:eu:1:a' }, true],
  [{ ArnLike: { k: 'arn:aws:s3:*:a' } }, { k: 'arn:aws:s3:eu:1:a' }, false],
  [{ ArnEquals: { k: 'arn:aws:s3:eu:1:*' } }, { k: 'arn:aws:s3:eu:1:a:b/c' }, true],
  [{ ArnLike: { k: 'arn:aws:s3:eu:1:*' } }, { k: 'arn' }, false],
  [{ Bool: { k: true } }, { k: 'true' }, true],
  [{ Bool: { k: 'true' } }, {}, false],
  [{ BoolIfExists: { k: 'true' } }, {}, true],
  [{ 'ForAnyValue:StringEquals': { k: ['x', 'y'] } }, { k: ['a', 'y'] }, true],
  [{ 'ForAnyValue:StringLike': { k: 'x*' } }, { k: ['a', 'b'] }, false],
  [{ 'ForAnyValue:StringLike': { k: 'x*' } }, {}, false],
  [{ StringEquals: { k: 'x', l: 'y' } }, { k: 'x' }, false],
  [{ StringEquals: { k: 'x' }, Bool: { l: 'true' } }, { k: 'x', l: 'true' }, true],
])('the condition %j with %j: %s', (Condition, context, expected) => {
  expect(rights([allow({ Condition })]).isAllowed('s3:GetObject', FILE, context)).toBe(expected);
});

test.each<[Json, RegExp]>([
  [allow({ Condition: { NumericLessThan: { k: '1' } } }), /condition operator NumericLessThan/],
  [allow({ Condition: { 'ForAllValues:StringEquals': { k: '1' } } }), /condition operator ForAllValues:StringEquals/],
  [allow({ Condition: { StringEquals: { k: '${aws:username}' } } }), /policy variables/],
])('%j throws instead of being passed over, whatever is asked', (statement, message) => {
  expect(() => rights([statement]).isAllowed('other:Action', 'arn:other')).toThrow(message);
});

test('a key with several values is no question for an operator on one', () => {
  expect(() => rights([allow({ Condition: { StringEquals: { k: 'x' } } })]).isAllowed('s3:GetObject', FILE, { k: ['x'] })).toThrow('several values');
});

test.each<[Json, RegExp]>([
  [allow({ Principal: '*' }), /does not know Principal/],
  [allow({ Effect: 'allow' }), /effect that does not exist/],
  [allow({ NotAction: 's3:*' }), /either Action or NotAction/],
  [{ Effect: 'Allow', Action: '*' }, /either Resource or NotResource/],
  [allow({ Resource: 'arn:aws:s3:::a/${aws:username}' }), /policy variables/],
  [allow({ Resource: { 'Fn::If': ['a', 'b', 'c'] } }), /does not know Fn::If/],
  [allow({ Resource: { 'Fn::GetAtt': ['Role', 'RoleId'] } }), /attribute Role.RoleId/],
  [allow({ Resource: { Ref: 'Missing' } }), /no Missing/],
  [allow({ Resource: { 'Fn::ImportValue': 'Other:Table' } }), /import Other:Table is not given/],
])('%j is refused', (statement, message) => {
  expect(() => rights([statement])).toThrow(message);
});

test('a policy of another role gives nothing, on whatever way it is attached', () => {
  const template = (attached: Json) => new RoleRights(Template.fromJSON({
    Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: {} },
      Other: { Type: 'AWS::IAM::Role', Properties: { ManagedPolicyArns: [{ Ref: 'Theirs' }], Policies: [{ PolicyDocument: { Statement: [allow()] } }] } },
      Theirs: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: { Statement: allow() } } },
      Policy: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: { Statement: allow() }, ...attached } },
      Inline: { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: { Statement: [allow()] }, Roles: [{ Ref: 'Other' }] } },
    },
  }), 'Role').isAllowed('s3:GetObject', FILE);
  expect(template({ Roles: [{ Ref: 'Other' }] })).toBe(false);
  expect(template({})).toBe(false);
  expect(template({ Roles: [{ Ref: 'Other' }, { Ref: 'Role' }] })).toBe(true);
});

test('policies count that the role names, inline ones, and ones by name', () => {
  const document = { PolicyDocument: { Statement: [allow()] } };
  const unattached = { Mine: { Type: 'AWS::IAM::ManagedPolicy', Properties: document } };
  expect(rights([], {}, unattached, { ManagedPolicyArns: [{ Ref: 'Mine' }] }).isAllowed('s3:GetObject', FILE)).toBe(true);
  expect(rights([], {}, unattached).isAllowed('s3:GetObject', FILE)).toBe(false);
  expect(rights([], {}, {}, { Policies: [{ PolicyName: 'a', ...document }] }).isAllowed('s3:GetObject', FILE)).toBe(true);
  expect(rights([], {}, { In: { Type: 'AWS::IAM::Policy', Properties: { ...document, Roles: ['named'] } } }, { RoleName: 'named' }).isAllowed('s3:GetObject', FILE)).toBe(true);
});

test("a policy of AWS's has to be given", () => {
  const role = { ManagedPolicyArns: [{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/ReadOnlyAccess']] }] };
  expect(() => rights([], {}, {}, role)).toThrow('arn:aws:iam::aws:policy/ReadOnlyAccess is not given');
  const given = { policies: { 'arn:aws:iam::aws:policy/ReadOnlyAccess': { Statement: [allow({ Resource: '*' })] } } };
  expect(rights([], given, {}, role).isAllowed('s3:GetObject', FILE)).toBe(true);
});

test('a kind of policy that is not read is refused', () => {
  expect(() => rights([], {}, { Inline: { Type: 'AWS::IAM::RolePolicy', Properties: {} } })).toThrow('AWS::IAM::RolePolicy');
});

test('a boundary is refused, because it would take rights away unseen', () => {
  expect(() => rights([], {}, {}, { PermissionsBoundary: 'arn' })).toThrow('permissions boundaries');
  expect(() => new RoleRights(Template.fromJSON({ Resources: {} }), 'Role')).toThrow('no role Role');
});

test('references become the names of the deployment', () => {
  const Resource = [
    { 'Fn::Sub': 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Table}/index/${!x}' },
    { 'Fn::Sub': ['${Table.Arn}/index/${Name}', { Name: { Ref: 'IndexName' } }] },
    { 'Fn::Join': ['/', [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, '*']] },
    { 'Fn::ImportValue': 'Other:Key' },
  ];
  const table = { Type: 'AWS::DynamoDB::GlobalTable' };
  const bucket = { Type: 'AWS::S3::Bucket', Properties: { BucketName: { 'Fn::Join': ['-', ['audio', { Ref: 'AWS::Region' }]] } } };
  const template = Template.fromJSON({
    Parameters: { IndexName: { Type: 'String', Default: 'GSI1' } },
    Resources: {
      Role: { Type: 'AWS::IAM::Role' },
      Policy: { Type: 'AWS::IAM::ManagedPolicy', Properties: { Roles: [{ Ref: 'Role' }], PolicyDocument: { Statement: [allow({ Action: '*', Resource: Resource.slice(1) })] } } },
      Table: table,
      Bucket: bucket,
    },
  });
  const china = new RoleRights(template, 'Role', { partition: 'aws-cn', region: 'cn-north-1', imports: { 'Other:Key': 'arn:key' } });
  expect(china.arnOf('Table')).toBe('arn:aws-cn:dynamodb:cn-north-1:111111111111:table/stack-Table');
  expect(china.isAllowed('dynamodb:Query', 'arn:aws-cn:dynamodb:cn-north-1:111111111111:table/stack-Table/index/GSI1')).toBe(true);
  expect(china.isAllowed('dynamodb:Query', 'arn:aws-cn:dynamodb:cn-north-1:111111111111:table/stack-Table/index/GSI2')).toBe(false);
  expect(china.isAllowed('s3:GetObject', 'arn:aws-cn:s3:::audio-cn-north-1/a')).toBe(true);
  expect(china.isAllowed('kms:Decrypt', 'arn:key')).toBe(true);
  expect(() => rights([allow({ Resource: Resource[0] })], {}, { Table: table })).toThrow('policy variables');
});
