/** Where a template is imagined to be deployed. */
export interface Deployment {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly urlSuffix: string;
  readonly stackName: string;
  /** Values of the template's parameters. A default in the template is taken where there is none. */
  readonly parameters?: { readonly [name: string]: string };
  /** Values of imports from other stacks, by the name of the export. */
  readonly imports?: { readonly [name: string]: string };
  /** Attributes other than ARNs, such as those of custom resources, as `logicalId.name`. */
  readonly attributes?: { readonly [attribute: string]: string };
}

export interface Resource {
  readonly Type: string;
  readonly Properties?: { readonly [name: string]: unknown };
}

/** The part of a template that is read here. */
export interface TemplateJson {
  readonly Resources: { readonly [logicalId: string]: Resource };
  readonly Parameters?: { readonly [name: string]: { readonly Default?: string } };
}

interface Identity {
  readonly ref: string;
  readonly arn: string;
}

/**
 * Makes plain values of CloudFormation's intrinsic functions, as they would be after a deployment. Physical names are made up from logical ids.
 * What it does not know it refuses: a value that was guessed could make a wrong policy look right.
 */
export class Intrinsics {
  constructor(private readonly template: TemplateJson, private readonly deployment: Deployment) {}

  public resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(item => this.resolve(item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? [];
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) return this.call(name, argument);
    return Object.fromEntries(entries.map(([key, item]) => [key, this.resolve(item)]));
  }

  public text(value: unknown): string {
    const resolved = this.resolve(value);
    if (typeof resolved !== 'string') throw new Error(`not a text: ${JSON.stringify(value)}`);
    return resolved;
  }

  public arnOf(logicalId: string): string {
    return this.identify(logicalId).arn;
  }

  public refOf(logicalId: string): string {
    return this.identify(logicalId).ref;
  }

  private call(name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref': return this.ref(argument as string);
      case 'Fn::GetAtt': return this.attribute(argument);
      case 'Fn::Join': return this.join(argument as [string, unknown]);
      case 'Fn::Sub': return this.substitute(argument);
      case 'Fn::ImportValue': return this.imported(this.text(argument));
      default: throw new Error(`the evaluator does not know ${name}`);
    }
  }

  private ref(name: string): string {
    const { account, region, partition, urlSuffix, stackName, parameters } = this.deployment;
    const pseudo: { [name: string]: string } = {
      'AWS::AccountId': account, 'AWS::Region': region, 'AWS::Partition': partition, 'AWS::URLSuffix': urlSuffix, 'AWS::StackName': stackName,
    };
    const value = pseudo[name] ?? parameters?.[name] ?? this.template.Parameters?.[name]?.Default;
    if (value !== undefined) return value;
    return this.refOf(name);
  }

  private attribute(argument: unknown): string {
    const [logicalId, name] = typeof argument === 'string' ? argument.split('.') : argument as [string, string];
    const given = this.deployment.attributes?.[`${logicalId}.${name}`];
    if (given !== undefined) return given;
    if (name !== 'Arn') throw new Error(`the evaluator does not know the attribute ${logicalId}.${name}`);
    return this.arnOf(logicalId);
  }

  private join([separator, parts]: [string, unknown]): string {
    const resolved = this.resolve(parts);
    if (!Array.isArray(resolved)) throw new Error('Fn::Join of something that is no list');
    return resolved.map(part => this.text(part)).join(separator);
  }

  private substitute(argument: unknown): string {
    const [text, variables] = (typeof argument === 'string' ? [argument, {}] : argument) as [string, { [name: string]: unknown }];
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in variables) return this.text(variables[name]);
      return name.includes('.') ? this.attribute(name) : this.ref(name);
    });
  }

  private imported(name: string): string {
    const value = this.deployment.imports?.[name];
    if (value === undefined) throw new Error(`the value of the import ${name} is not given`);
    return value;
  }

  private identify(logicalId: string): Identity {
    const resource = this.template.Resources[logicalId];
    if (!resource) throw new Error(`the template has no ${logicalId}`);
    const { partition, region, account } = this.deployment;
    const arn = (service: string, rest: string) => `arn:${partition}:${service}:${region}:${account}:${rest}`;
    const name = (property: string, made: string = `stack-${logicalId}`) => this.nameOf(resource, property) ?? made;
    switch (resource.Type) {
      case 'AWS::DynamoDB::GlobalTable':
      case 'AWS::DynamoDB::Table': return named(name('TableName'), table => arn('dynamodb', `table/${table}`));
      case 'AWS::S3::Bucket': return named(name('BucketName', `stack-${logicalId}`.toLowerCase()), bucket => `arn:${partition}:s3:::${bucket}`);
      case 'AWS::KMS::Key': return named(`key-${logicalId}`, key => arn('kms', `key/${key}`));
      case 'AWS::IAM::Role': return named(name('RoleName'), role => `arn:${partition}:iam::${account}:role/${role}`);
      case 'AWS::IAM::ManagedPolicy': return same(`arn:${partition}:iam::${account}:policy/${name('ManagedPolicyName')}`);
      case 'AWS::SecretsManager::Secret': return same(arn('secretsmanager', `secret:${name('Name')}-AbCdEf`));
      case 'AWS::SSM::Parameter': return named(name('Name'), parameter => arn('ssm', `parameter/${parameter.replace(/^\//, '')}`));
      case 'AWS::Logs::LogGroup': return named(name('LogGroupName'), group => arn('logs', `log-group:${group}:*`));
      case 'AWS::SQS::Queue': return { ref: `https://sqs.${region}/${name('QueueName')}`, arn: arn('sqs', name('QueueName')) };
      case 'AWS::SNS::Topic': return same(arn('sns', name('TopicName')));
      case 'AWS::Lambda::Function': return named(name('FunctionName'), handler => arn('lambda', `function:${handler}`));
      default: throw new Error(`the evaluator does not know what ${resource.Type} is called`);
    }
  }

  private nameOf({ Properties }: Resource, property: string): string | undefined {
    return Properties?.[property] === undefined ? undefined : this.text(Properties[property]);
  }
}

function named(ref: string, arn: (name: string) => string): Identity {
  return { ref, arn: arn(ref) };
}

function same(arn: string): Identity {
  return { ref: arn, arn };
}
