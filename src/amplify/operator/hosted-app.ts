/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import {
  AmplifyClient, Branch, DeleteBranchCommand, GetAppCommand, GetBranchCommand, ListBranchesCommand, ListJobsCommand, StartJobCommand,
  UpdateBranchCommand,
} from '@aws-sdk/client-amplify';

export type Variables = { readonly [name: string]: string };

/** A branch as Amplify has it. */
export interface HostedBranch {
  readonly name: string;
  readonly variables: Variables;
  /** Whether it shows a pull request. */
  readonly isPreview: boolean;
  /** Whether each push is built. */
  readonly buildsItself: boolean;
  readonly updated: Date;
}

/** A build. */
export interface Job {
  readonly isRunning: boolean;
  readonly begun?: Date;
  /** When it ended, or began. */
  readonly time?: Date;
}

/** What Amplify answers at most. */
const PAGE = 50;

/** One app of Amplify. */
export class HostedApp {
  constructor(private readonly appId: string, private readonly client: Pick<AmplifyClient, 'send'>) {}

  /** Address of the repository; undefined for an app whose builds are uploaded. */
  public async repository(): Promise<string | undefined> {
    const { app } = await this.client.send(new GetAppCommand({ appId: this.appId }));
    return app?.repository || undefined;
  }

  /** Undefined if the app has no such branch. */
  public async findBranch(branchName: string): Promise<HostedBranch | undefined> {
    try {
      const { branch } = await this.client.send(new GetBranchCommand({ appId: this.appId, branchName }));
      return hosted(branch!);
    } catch (error) {
      if ((error as Error).name === 'NotFoundException') return undefined;
      throw error;
    }
  }

  public async branches(): Promise<HostedBranch[]> {
    const found: HostedBranch[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.client.send(new ListBranchesCommand({ appId: this.appId, maxResults: PAGE, nextToken }));
      found.push(...(page.branches ?? []).map(hosted));
      nextToken = page.nextToken;
    } while (nextToken);
    return found;
  }

  /** The newest build. Amplify lists the newest first; a page of them does not rely on it. */
  public async lastJob(branchName: string): Promise<Job | undefined> {
    const { jobSummaries = [] } = await this.client.send(new ListJobsCommand({ appId: this.appId, branchName, maxResults: PAGE }));
    const jobs = jobSummaries.map(({ status, startTime, endTime }) => ({
      isRunning: ['CREATED', 'PENDING', 'PROVISIONING', 'RUNNING', 'CANCELLING'].includes(status ?? ''),
      begun: startTime,
      time: endTime ?? startTime,
    }));
    return jobs.sort((one, other) => Number(other.isRunning) - Number(one.isRunning) || timeOf(other) - timeOf(one))[0];
  }

  /** All variables of the branch become these; its other settings stay. */
  public async setVariables(branchName: string, environmentVariables: Variables): Promise<void> {
    await this.client.send(new UpdateBranchCommand({ appId: this.appId, branchName, environmentVariables: { ...environmentVariables } }));
  }

  /** Starts a build of the branch's latest commit and answers its id. */
  public async startJob(branchName: string, jobReason: string): Promise<string> {
    const { jobSummary } = await this.client.send(new StartJobCommand({ appId: this.appId, branchName, jobType: 'RELEASE', jobReason }));
    return jobSummary!.jobId!;
  }

  /** One that has gone meanwhile counts as deleted. */
  public async deleteBranch(branchName: string): Promise<void> {
    try {
      await this.client.send(new DeleteBranchCommand({ appId: this.appId, branchName }));
    } catch (error) {
      if ((error as Error).name !== 'NotFoundException') throw error;
    }
  }
}

function timeOf({ time }: Job): number {
  return time?.getTime() ?? 0;
}

function hosted(branch: Branch): HostedBranch {
  return {
    name: branch.branchName!,
    variables: branch.environmentVariables ?? {},
    isPreview: branch.stage === 'PULL_REQUEST' || Boolean(branch.sourceBranch) || Boolean(branch.destinationBranch),
    buildsItself: branch.enableAutoBuild ?? false,
    updated: branch.updateTime ?? branch.createTime ?? new Date(0),
  };
}
