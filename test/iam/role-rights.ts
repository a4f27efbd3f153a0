import { Template } from 'aws-cdk-lib/assertions';
import { conditionsHold, list, RequestContext } from './conditions';
import { Deployment, Intrinsics, Resource, TemplateJson } from './resolve-intrinsics';
import { matches } from './wildcards';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Condition?: unknown;
}

export interface PolicyDocument {
  readonly Statement: unknown;
}

export interface RoleRightsOptions extends Partial<Deployment> {
  /** Documents of managed policies that are not in the template, such as AWS's, by ARN. */
  readonly policies?: { readonly [arn: string]: PolicyDocument };
}

const KNOWN_PARTS = new Set(['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']);

/**
 * What a role of a template may do by its own policies: managed ones that name it or that it names, and inline ones. Policies of resources are not looked at,
 * nor are those of the organization. What it does not understand it refuses, so that no answer rests on half of a policy.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export class RoleRights {
  private readonly template: TemplateJson;
  private readonly intrinsics: Intrinsics;
  private readonly statements: Statement[];

  constructor(template: Template, private readonly role: string, private readonly options: RoleRightsOptions = {}) {
    this.template = template.toJSON() as TemplateJson;
    this.intrinsics = new Intrinsics(this.template, {
      account: '111111111111', region: 'eu-central-1', partition: 'aws', urlSuffix: 'amazonaws.com', stackName: 'stack', ...options,
    });
    if (this.template.Resources[role]?.Type !== 'AWS::IAM::Role') throw new Error(`the template has no role ${role}`);
    for (const { Type } of Object.values(this.template.Resources)) {
      if (Type === 'AWS::IAM::RolePolicy') throw new Error(`the evaluator does not know ${Type}`);
    }
    if (this.property('PermissionsBoundary') !== undefined) throw new Error('the evaluator does not know permissions boundaries');
    this.statements = this.documents().flatMap(({ Statement }) => list(Statement) as Statement[]);
    this.statements.forEach(checkStatement);
  }

  /** ARN of a resource of the template, as it would be after the deployment. */
  public arnOf(logicalId: string): string {
    return this.intrinsics.arnOf(logicalId);
  }

  /** Whether the role may do this: one statement allows it and none denies it. */
  public isAllowed(action: string, resource: string, context: RequestContext = {}): boolean {
    const applying = this.statements.filter(statement => applies(statement, action, resource, context));
    return applying.some(({ Effect }) => Effect === 'Allow') && applying.every(({ Effect }) => Effect !== 'Deny');
  }

  private documents(): PolicyDocument[] {
    const inTemplate = Object.entries(this.template.Resources)
      .filter(([logicalId, resource]) => this.isAttached(logicalId, resource))
      .map(([, { Properties }]) => Properties!.PolicyDocument);
    const inline = list(this.property('Policies') ?? []).map(policy => (policy as { PolicyDocument: unknown }).PolicyDocument);
    const outside = this.managedPolicyArns().filter(arn => !this.isOfTemplate(arn)).map(arn => this.outside(arn));
    return [...inTemplate, ...inline, ...outside].map(document => this.intrinsics.resolve(document) as PolicyDocument);
  }

  private isAttached(logicalId: string, { Type, Properties }: Resource): boolean {
    if (Type !== 'AWS::IAM::ManagedPolicy' && Type !== 'AWS::IAM::Policy') return false;
    const roles = list(Properties!.Roles ?? []).map(role => this.intrinsics.text(role));
    if (roles.includes(this.intrinsics.refOf(this.role))) return true;
    return Type === 'AWS::IAM::ManagedPolicy' && this.managedPolicyArns().includes(this.arnOf(logicalId));
  }

  private isOfTemplate(arn: string): boolean {
    return Object.entries(this.template.Resources).some(([logicalId, { Type }]) => Type === 'AWS::IAM::ManagedPolicy' && this.arnOf(logicalId) === arn);
  }

  private managedPolicyArns(): string[] {
    return list(this.property('ManagedPolicyArns') ?? []).map(arn => this.intrinsics.text(arn));
  }

  private outside(arn: string): PolicyDocument {
    const document = this.options.policies?.[arn];
    if (!document) throw new Error(`the document of the managed policy ${arn} is not given`);
    return document;
  }

  private property(name: string): unknown {
    return this.template.Resources[this.role].Properties?.[name];
  }
}

function checkStatement(statement: Statement): void {
  const unknown = Object.keys(statement).filter(part => !KNOWN_PARTS.has(part));
  if (unknown.length > 0) throw new Error(`the evaluator does not know ${unknown.join(', ')} in a role's policy`);
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') throw new Error(`an effect that does not exist: ${JSON.stringify(statement.Effect)}`);
  for (const [one, other] of [['Action', 'NotAction'], ['Resource', 'NotResource']] as const) {
    if ((statement[one] === undefined) === (statement[other] === undefined)) throw new Error(`a statement has either ${one} or ${other}`);
  }
  for (const text of [statement.Resource, statement.NotResource].flatMap(list)) {
    if (typeof text === 'string' && text.includes('${')) throw new Error(`the evaluator does not know policy variables: ${text}`);
  }
}

function applies(statement: Statement, action: string, resource: string, context: RequestContext): boolean {
  const { Action, NotAction, Resource: on, NotResource, Condition } = statement;
  // Looked at first: an operator that is not known throws, whatever is asked.
  const conditions = conditionsHold(Condition, context);
  const among = (text: string, patterns: unknown) => list(patterns).some(pattern => matches(text, pattern as string));
  const lower = (patterns: unknown) => list(patterns).map(pattern => (pattern as string).toLowerCase());
  const acts = Action !== undefined ? among(action.toLowerCase(), lower(Action)) : !among(action.toLowerCase(), lower(NotAction));
  const reaches = on !== undefined ? among(resource, on) : !among(resource, NotResource);
  return conditions && acts && reaches;
}
