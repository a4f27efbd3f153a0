import { AmplifyStandIn } from './amplify-stand-in';
import { AwsError, SsmStandIn } from './ssm-stand-in';
import { HostedApp } from '../../../src/amplify/operator/hosted-app';
import { ParameterStore } from '../../../src/amplify/operator/parameter-store';
import { answerRequest, OperatorRequest } from '../../../src/amplify/operator/requests';
import { DescribedSource } from '../../../src/amplify/operator/secret-values';
import { OperatorWorld } from '../../../src/amplify/operator/world';
import { CustomResourceAnswer } from '../../../src/custom-resource-answer';

export const APP_ID = 'd2mgxqlhqfnu3l';
export const MAIN = `/amplify/${APP_ID}/main-branch-fea140fca9`;
export const SHARED = `/amplify/shared/${APP_ID}`;
export const STACK_ID = 'arn:aws:cloudformation:eu-central-1:111111111111:stack/Shop/5a1b2c3d';
export const SOURCES = `/cdk-web-platform/amplify/${APP_ID}/sources/Shop-Operator`;

/** All that the operator knows of the world, in memory. */
export class TestWorld implements OperatorWorld {
  public readonly appId = APP_ID;
  public readonly sourcesPath = SOURCES;
  public readonly ssm = new SsmStandIn();
  public readonly amplify = new AmplifyStandIn(APP_ID);
  public readonly parameters = new ParameterStore(this.ssm.client);
  public readonly app = new HostedApp(APP_ID, this.amplify.client);
  public readonly secrets = new Map<string, string | undefined>();
  public readonly stacks = new Map([[STACK_ID, 'CREATE_IN_PROGRESS']]);
  public readonly deletedStacks: string[] = [];
  public readonly lines: object[] = [];
  public pauses = 0;
  public time = new Date('2027-03-01T12:00:00Z');
  public pausing: () => void = () => undefined;

  public async readSecret(arn: string): Promise<string | undefined> {
    if (!this.secrets.has(arn)) throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return this.secrets.get(arn);
  }

  public async findStackStatus(stack: string): Promise<string | undefined> {
    return this.stacks.get(stack);
  }

  public async deleteStack(stackName: string): Promise<void> {
    this.deletedStacks.push(stackName);
    this.stacks.set(stackName, 'DELETE_IN_PROGRESS');
  }

  public async pause(): Promise<void> {
    this.pauses++;
    this.pausing();
  }

  public log(line: object): void {
    this.lines.push(line);
  }

  public now(): Date {
    return this.time;
  }

  /** All that was said to anybody. */
  public get told(): string {
    return JSON.stringify(this.lines);
  }
}

export interface Properties {
  readonly AppId: string;
  readonly BranchName?: string;
  readonly [name: string]: unknown;
}

/** Properties of `Custom::AmplifySecrets`. */
export function secretsOf(branchName: string | undefined, ...sources: DescribedSource[]): Properties {
  return { AppId: APP_ID, ...branchName === undefined ? {} : { BranchName: branchName }, Sources: sources };
}

/** Properties of `Custom::AmplifyVariables`. */
export function variablesOf(branchName: string, variables: { [name: string]: string }, others: object = {}): Properties {
  return { AppId: APP_ID, BranchName: branchName, Variables: variables, StartBuilds: 'true', ...others };
}

/** One custom resource in a stack, as CloudFormation moves it. */
export class Deployment {
  public physicalId?: string;
  public properties?: Properties;
  public readonly answers: CustomResourceAnswer[] = [];

  constructor(
    private readonly world: TestWorld,
    private readonly type: OperatorRequest['ResourceType'] = 'Custom::AmplifySecrets',
    private readonly logicalId = 'Resource',
    private readonly stackId = STACK_ID,
    /** Whether CloudFormation takes over the physical id of an update that failed. */
    private readonly remembersFailedId = true,
  ) {}

  public get reason(): string | undefined {
    return this.answers.find(({ Status }) => Status === 'FAILED')?.Reason;
  }

  /** Creates or updates; a failure is rolled back. `afterwards` fails the deployment when the resource has succeeded. */
  public async deploy(properties: Properties, afterwards: 'succeeds' | 'fails' = 'succeeds'): Promise<boolean> {
    this.answers.splice(0);
    return this.properties ? this.update(properties, this.properties, afterwards) : this.create(properties, afterwards);
  }

  public async delete(status = 'DELETE_IN_PROGRESS'): Promise<boolean> {
    this.world.stacks.set(this.stackId, status);
    const { Status } = await this.send('Delete', this.physicalId!, this.properties!);
    if (Status === 'SUCCESS') this.physicalId = this.properties = undefined;
    return Status === 'SUCCESS';
  }

  private async create(properties: Properties, afterwards: string): Promise<boolean> {
    this.world.stacks.set(this.stackId, 'CREATE_IN_PROGRESS');
    const { Status, PhysicalResourceId } = await this.send('Create', undefined, properties);
    const succeeded = Status === 'SUCCESS' && afterwards === 'succeeds';
    if (succeeded) [this.physicalId, this.properties] = [PhysicalResourceId, properties];
    else await this.rollBack('ROLLBACK_IN_PROGRESS', 'Delete', PhysicalResourceId, properties);
    return succeeded;
  }

  private async update(properties: Properties, before: Properties, afterwards: string): Promise<boolean> {
    const old = this.physicalId!;
    this.world.stacks.set(this.stackId, 'UPDATE_IN_PROGRESS');
    const answer = await this.send('Update', old, properties, before);
    if (answer.Status === 'SUCCESS' && afterwards === 'succeeds') {
      [this.physicalId, this.properties] = [answer.PhysicalResourceId, properties];
      this.world.stacks.set(this.stackId, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
      if (old !== this.physicalId) await this.send('Delete', old, before);
      return true;
    }
    const current = answer.Status === 'SUCCESS' || this.remembersFailedId ? answer.PhysicalResourceId : old;
    const back = await this.rollBack('UPDATE_ROLLBACK_IN_PROGRESS', 'Update', current, before, properties);
    this.physicalId = back.PhysicalResourceId;
    if (current !== this.physicalId) await this.rollBack('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'Delete', current, properties);
    return false;
  }

  private async rollBack(status: string, type: OperatorRequest['RequestType'], id: string, properties: Properties, old?: Properties): Promise<CustomResourceAnswer> {
    this.world.stacks.set(this.stackId, status);
    const answer = await this.send(type, id, properties, old);
    expect(answer).toMatchObject({ Status: 'SUCCESS' });
    return answer;
  }

  private async send(type: OperatorRequest['RequestType'], id: string | undefined, properties: Properties, old?: Properties): Promise<CustomResourceAnswer> {
    const request = {
      RequestType: type,
      ResourceType: this.type,
      StackId: this.stackId,
      RequestId: 'request',
      LogicalResourceId: this.logicalId,
      ResponseURL: 'http://nowhere',
      PhysicalResourceId: id,
      ResourceProperties: properties,
      OldResourceProperties: old,
    };
    // As it comes over the network.
    const answer = await answerRequest(JSON.parse(JSON.stringify(request)), this.world);
    this.answers.push(answer);
    expect(JSON.stringify(answer).length).toBeLessThan(4096);
    return answer;
  }
}
