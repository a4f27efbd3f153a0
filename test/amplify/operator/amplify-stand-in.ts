import { AwsError, paged, StandIn } from './ssm-stand-in';

interface Job {
  readonly jobId: string;
  status: string;
  readonly startTime?: Date;
  endTime?: Date;
  readonly jobReason?: string;
}

interface Branch {
  readonly branchName: string;
  environmentVariables: { [name: string]: string };
  stage?: string;
  sourceBranch?: string;
  framework?: string;
  enableAutoBuild?: boolean;
  updateTime: Date;
  readonly jobs: Job[];
}

/** Amplify's API for one app: https://docs.aws.amazon.com/amplify/latest/APIReference/Welcome.html */
export class AmplifyStandIn extends StandIn {
  public repository: string | undefined = 'https://github.com/acme/shop';
  public readonly branches = new Map<string, Branch>();
  public pageSize = 2;
  public now = new Date('2027-03-01T12:00:00Z');

  constructor(public readonly appId: string) {
    super();
  }

  public add(branchName: string, changes: Partial<Branch> = {}): Branch {
    const branch = { branchName, environmentVariables: {}, updateTime: this.now, framework: 'Next.js - SSR', enableAutoBuild: true, jobs: [], ...changes };
    this.branches.set(branchName, branch);
    return branch;
  }

  public jobsOf(branchName: string): Job[] {
    return this.branches.get(branchName)!.jobs;
  }

  protected GetApp({ appId }: any): object {
    this.checkApp(appId);
    return { app: { appId, name: 'shop', repository: this.repository } };
  }

  protected GetBranch({ appId, branchName }: any): object {
    return { branch: this.shown(this.existing(appId, branchName)) };
  }

  protected ListBranches({ appId, maxResults, nextToken }: any): object {
    this.checkApp(appId);
    const { page, next } = paged([...this.branches.values()], Math.min(maxResults, this.pageSize), nextToken);
    return { branches: page.map(branch => this.shown(branch)), nextToken: next };
  }

  protected ListJobs({ appId, branchName, maxResults }: any): object {
    const { jobs } = this.existing(appId, branchName);
    return { jobSummaries: [...jobs].reverse().slice(0, maxResults) };
  }

  protected UpdateBranch({ appId, branchName, environmentVariables, ...others }: any): object {
    const branch = this.existing(appId, branchName);
    if (environmentVariables) branch.environmentVariables = { ...environmentVariables };
    Object.assign(branch, others, { updateTime: this.now });
    return { branch: this.shown(branch) };
  }

  protected StartJob({ appId, branchName, jobType, jobReason }: any): object {
    const { jobs } = this.existing(appId, branchName);
    if (jobType !== 'RELEASE' || !this.repository) throw new AwsError('BadRequestException', 'Operation not supported. App is not connected to a repository');
    const job = { jobId: String(jobs.length + 1), status: 'PENDING', startTime: this.now, jobReason };
    jobs.push(job);
    return { jobSummary: job };
  }

  protected DeleteBranch({ appId, branchName }: any): object {
    const branch = this.existing(appId, branchName);
    this.branches.delete(branchName);
    return { branch: this.shown(branch) };
  }

  private checkApp(appId: string): void {
    if (appId !== this.appId) throw new AwsError('NotFoundException', `App ${appId} not found.`);
  }

  private existing(appId: string, branchName: string): Branch {
    this.checkApp(appId);
    const branch = this.branches.get(branchName);
    if (!branch) throw new AwsError('NotFoundException', `Branch ${branchName} not found.`);
    return branch;
  }

  private shown({ jobs, ...branch }: Branch): object {
    return { ...branch, totalNumberOfJobs: String(jobs.length), createTime: this.now };
  }
}
