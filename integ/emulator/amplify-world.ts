import { createHash } from 'crypto';
import {
  CloudFormationClient, CreateStackCommand, DescribeStacksCommand, paginateListStackResources, StackResourceSummary, UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterHistoryCommand, GetParametersByPathCommand, Parameter, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { CdkCli } from './cdk';
import { Emulator } from './emulator';
import { waitFor } from './process';

export type Variables = { readonly [name: string]: string };

/** An account with examples/rpg and examples/realtechee in it, apart from Amplify itself. */
export class AmplifyWorld {
  public readonly cdk: CdkCli;
  private readonly cloudFormation: CloudFormationClient;
  private readonly secrets: SecretsManagerClient;
  private readonly parameters: SSMClient;
  private readonly lambda: LambdaClient;

  constructor(public readonly emulator: Emulator) {
    const { clientSettings } = emulator;
    this.cdk = new CdkCli(emulator, 'npx tsx --tsconfig tsconfig.dev.json integ/emulator/amplify-app.ts');
    this.cloudFormation = new CloudFormationClient(clientSettings);
    this.secrets = new SecretsManagerClient(clientSettings);
    this.parameters = new SSMClient(clientSettings);
    this.lambda = new LambdaClient({ ...clientSettings, maxAttempts: 1 });
  }

  public async createSecret(name: string, value: string | Variables): Promise<void> {
    await this.secrets.send(new CreateSecretCommand({ Name: name, SecretString: typeof value === 'string' ? value : JSON.stringify(value) }));
  }

  public async changeSecret(name: string, value: Variables): Promise<void> {
    await this.secrets.send(new PutSecretValueCommand({ SecretId: name, SecretString: JSON.stringify(value) }));
  }

  public async setParameter(name: string, value: string): Promise<void> {
    await this.parameters.send(new PutParameterCommand({ Name: name, Value: value, Type: 'String', Overwrite: true }));
  }

  /** What is below a path, decrypted. */
  public async parametersBelow(path: string): Promise<Parameter[]> {
    const found: Parameter[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.parameters.send(new GetParametersByPathCommand({ Path: path, Recursive: true, WithDecryption: true, NextToken }));
      found.push(...page.Parameters ?? []);
      NextToken = page.NextToken;
    } while (NextToken);
    return found;
  }

  /** The variables that a branch was given, one entry for each deployment that changed them. */
  public async variablesOf(appId: string, branchName: string): Promise<Variables[]> {
    const name = `/cdk-web-platform/amplify/${appId}/${branchName}-${branchHash(appId, branchName)}/variables`;
    const { Parameters = [] } = await this.parameters.send(new GetParameterHistoryCommand({ Name: name, WithDecryption: true }));
    return Parameters.map(({ Value }) => JSON.parse(Value!));
  }

  /** Invokes the operator of an app as a person would. */
  public async operate(stackName: string, request: object): Promise<{ readonly failed: boolean; readonly answer: string }> {
    const handler = (await this.resources(stackName)).find(({ LogicalResourceId }) => /AppOperatorHandler/.test(LogicalResourceId!))!;
    const invocation = new InvokeCommand({ FunctionName: handler.PhysicalResourceId, Payload: JSON.stringify(request) });
    const { FunctionError, Payload } = await this.lambda.send(invocation);
    return { failed: FunctionError !== undefined, answer: Buffer.from(Payload!).toString() };
  }

  /** Creates or updates a stack, and waits until CloudFormation has nothing more to do. */
  public async changeStack(StackName: string, Resources: object): Promise<void> {
    const TemplateBody = JSON.stringify({ Resources });
    const exists = await this.status(StackName).then(() => true, () => false);
    const input = { StackName, TemplateBody };
    await this.cloudFormation.send(exists ? new UpdateStackCommand(input) : new CreateStackCommand(input));
    await waitFor(StackName, 60, async () => {
      if (/_IN_PROGRESS$/.test(await this.status(StackName))) throw new Error('in progress');
    });
  }

  public async status(stackName: string): Promise<string> {
    const { Stacks } = await this.cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
    return Stacks![0].StackStatus!;
  }

  public async resources(stackName: string): Promise<StackResourceSummary[]> {
    const found: StackResourceSummary[] = [];
    for await (const { StackResourceSummaries } of paginateListStackResources({ client: this.cloudFormation }, { StackName: stackName })) {
      found.push(...StackResourceSummaries ?? []);
    }
    return found;
  }

  /** Name or id of the one resource of a type whose logical id begins like this. */
  public async find(stackName: string, type: string, beginning: string): Promise<string> {
    const ofType = (await this.resources(stackName)).filter(({ ResourceType }) => ResourceType === type);
    const found = ofType.filter(({ LogicalResourceId }) => LogicalResourceId!.startsWith(beginning));
    if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} begin with ${beginning}`);
    return found[0].PhysicalResourceId!;
  }
}

/** As amplify-backend computes it, and not by the library's own function. */
export function branchHash(appId: string, branchName: string): string {
  return createHash('sha512').update(`${appId}${branchName}`).digest('hex').slice(0, 10);
}
