import { evaluate, logicalIds, Properties, Resolve, Template } from './template';

/** What CloudFront may do with a bucket, as far as the template says it. */
export interface BucketRights {
  readonly name: string;
  /** Whether a missing key is a 404; without the right to list, S3 answers 403. */
  readonly mayList: boolean;
  mayRead(key: string): boolean;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Principal: { readonly Service?: string | string[] };
}

const CLOUDFRONT = 'cloudfront.amazonaws.com';

/**
 * Reads the policy of an origin's bucket. A bucket with no policy in the template is a team's own: then CloudFront reads
 * everything in it, and lists nothing.
 */
export async function bucketRights(template: Template, domainName: string, origin: Properties, resolve: Resolve): Promise<BucketRights> {
  const name = domainName.replace(/\.s3[.-].*$/, '');
  if (origin.OriginAccessControlId === undefined) {
    return { name, mayList: false, mayRead: () => false };
  }
  const statements = await statementsOf(template, name, resolve);
  if (!statements) {
    return { name, mayList: false, mayRead: () => true };
  }
  const allowed = statements.filter(({ Effect, Principal }) => Effect === 'Allow' && list(Principal?.Service).includes(CLOUDFRONT));
  const resources = (action: string) => allowed.filter(({ Action }) => takes(list(Action), action)).flatMap(({ Resource }) => list(Resource));
  const readable = resources('s3:GetObject');
  return {
    name,
    mayList: resources('s3:ListBucket').length > 0,
    mayRead: (key) => takes(readable.map((resource) => resource.replace(/^arn:[^:]*:s3:::/, '')), `${name}/${key}`),
  };
}

async function statementsOf(template: Template, bucket: string, resolve: Resolve): Promise<Statement[] | undefined> {
  for (const logicalId of logicalIds(template, 'AWS::S3::BucketPolicy')) {
    const { Bucket, PolicyDocument } = template.Resources[logicalId].Properties as { Bucket: unknown; PolicyDocument: { Statement: Properties[] } };
    if (await evaluate(Bucket, resolve) === bucket) {
      const relevant = PolicyDocument.Statement.map(({ Effect, Action, Resource, Principal }) => ({ Effect, Action, Resource, Principal }));
      return await evaluate(relevant, resolve) as Statement[];
    }
  }
  return undefined;
}

function takes(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+^${}()|[\]\\?]/g, '\\$&')).join('.*')}$`).test(text));
}

function list(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
