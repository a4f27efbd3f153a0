import { Annotations, Duration, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { bootstrappedRegions, deployRight, inspectRights, lookUpRight, pushRights } from './delivery-rights';
import { DELIVERY_ROLE_VARIABLES, readEnvironment } from './delivery-role-variables';
import { DeliveryRolesProps, DeliveryTarget } from './delivery-roles-props';
import { refuseEnvironment, validateDeliveryRoles } from './validate-delivery-roles';
import { grantRights, Right } from '../grant-rights';
import { branchSubject, environmentSubject, GithubTrust, pullRequestSubject, trustedRole } from '../registry/github-trust';

/**
 * Roles that the workflows of one GitHub repository assume without a stored secret. Each trusts one kind of job by its whole subject, and has these
 * rights and no others:
 *
 * - that of an environment, such as `production`, may assume the roles of `cdk bootstrap` in its account and regions, push images to the repositories
 *   named and read what their scans find;
 * - the one that reads, for jobs of the GitHub environment `production-read`, may assume the bootstrap's lookup role;
 * - the one of builds, where there are `buildBranches`, may push images. Then those of environments may not.
 */
export class DeliveryRoles extends Construct {
  /** Role that deploys to each environment, by the environment's name. */
  public readonly environmentRoles: { [environment: string]: iam.Role };
  /** Role that looks at each environment, by the environment's name without `-read`. */
  public readonly readRoles: { [environment: string]: iam.Role };
  /** Role of builds; undefined without `buildBranches`. */
  public readonly buildRole?: iam.Role;

  constructor(scope: Construct, id: string, private readonly props: DeliveryRolesProps) {
    super(scope, id);
    validateDeliveryRoles(this, props);

    this.environmentRoles = this.createEnvironmentRoles();
    this.readRoles = this.createReadRoles();
    this.buildRole = this.createBuildRole();
    this.warnOfSharedRegions();
    this.warnOfClaims();
  }

  /** Role that deploys to an environment. */
  public environmentRole(environment: string): iam.Role {
    return this.environmentRoles[this.target(environment).environment];
  }

  /** Values of the repository's variables, by their names: `gh variable set <name> --body <value>`. */
  public get githubVariables(): { [name: string]: string } {
    return this.buildRole ? { [DELIVERY_ROLE_VARIABLES.build]: this.buildRole.roleArn } : {};
  }

  /**
   * Values of the variables of an environment on GitHub, by their names: `gh variable set <name> --env <environment> --body <value>`.
   *
   * @param environment the environment's name, with `-read` behind it for the one whose jobs look
   */
  public environmentVariables(environment: string): { [name: string]: string } {
    const looking = Object.keys(this.readRoles).find(name => readEnvironment(name) === environment);
    const role = looking === undefined ? this.environmentRole(environment) : this.readRoles[looking];
    return { [DELIVERY_ROLE_VARIABLES.environment]: role.roleArn };
  }

  /** Allows somebody else, such as the role of another CI, to deploy to an environment. */
  public grantDeploy(environment: string, grantee: iam.IGrantable): iam.Grant {
    return grantRights(this, grantee, this.rightsToDeploy(this.target(environment)));
  }

  /** Allows somebody else to look at what is deployed to an environment. */
  public grantLookUp(environment: string, grantee: iam.IGrantable): iam.Grant {
    return grantRights(this, grantee, [lookUpRight(this, this.target(environment))]);
  }

  private createEnvironmentRoles(): { [environment: string]: iam.Role } {
    const { repository, targets } = this.props;
    const parent = new Construct(this, 'Environments');
    return Object.fromEntries(targets.map(target => {
      const { environment, branches, subject = environmentSubject(repository, environment) } = target;
      const role = this.createRole(parent, environment, {
        description: `Deploys to environment ${environment} from GitHub repository ${repository}`,
        subjects: [subject],
        claims: branches && { ref: branches.map(branch => `refs/heads/${branch}`) },
      }, this.rightsToDeploy(target));
      return [environment, role];
    }));
  }

  private createReadRoles(): { [environment: string]: iam.Role } {
    const { repository, targets, readRoles } = this.props;
    if (readRoles === false) return {};
    const parent = new Construct(this, 'Readers');
    return Object.fromEntries(targets.map(target => {
      const { environment, pullRequests = false } = target;
      const role = this.createRole(parent, environment, {
        description: `Looks at environment ${environment} from GitHub repository ${repository}`,
        subjects: [environmentSubject(repository, readEnvironment(environment)), ...(pullRequests ? [pullRequestSubject(repository)] : [])],
      }, [lookUpRight(this, target)]);
      return [environment, role];
    }));
  }

  private createBuildRole(): iam.Role | undefined {
    const { repository, images = [], buildBranches } = this.props;
    return buildBranches && this.createRole(this, 'Build', {
      description: `Pushes images from GitHub repository ${repository}`,
      subjects: buildBranches.map(branch => branchSubject(repository, branch)),
    }, pushRights(images));
  }

  private rightsToDeploy(target: DeliveryTarget): Right[] {
    const { images: imagesOfAll = [], buildBranches } = this.props;
    const { images = imagesOfAll } = target;
    return [deployRight(this, target), ...(buildBranches && images === imagesOfAll ? inspectRights(images) : pushRights(images))];
  }

  private createRole(parent: Construct, id: string, trust: Pick<GithubTrust, 'description' | 'subjects' | 'claims'>, rights: Right[]): iam.Role {
    const { issuer, provider, permissionsBoundary, maximumSession = Duration.hours(1) } = this.props;
    const role = trustedRole(parent, id, { ...trust, issuer, provider, permissionsBoundary, maxSessionDuration: maximumSession });
    grantRights(this, role, rights);
    return role;
  }

  private target(environment: string): DeliveryTarget {
    return this.props.targets.find(target => target.environment === environment) ?? refuseEnvironment(this, 'environment', environment, this.props.targets);
  }

  /** The roles of a bootstrapped region do not tell one stack from another. */
  private warnOfSharedRegions(): void {
    const users = new Map<string, Set<string>>();
    for (const target of this.props.targets) {
      for (const { account, region, qualifier } of bootstrappedRegions(this, target)) {
        const place = `${account} ${region} ${qualifier}`;
        users.set(place, (users.get(place) ?? new Set()).add(target.environment));
      }
    }
    for (const environments of new Set([...users.values()].filter(({ size }) => size > 1).map(each => [...each].join(', ')))) {
      Annotations.of(this).addWarningV2('cdk-web-platform:deliveryRolesShared',
        `${environments} are in one account and region with one bootstrap qualifier, so that whoever may deploy to one of them may deploy to all. `
        + 'Give each an account of its own, or bootstrap the region again with another --qualifier and --toolkit-stack-name and give that as qualifier.');
    }
  }

  private warnOfClaims(): void {
    const { region } = Stack.of(this);
    if (Token.isUnresolved(region) || !/^(cn|us-gov|us-iso|eusc)/.test(region) || !this.props.targets.some(({ branches }) => branches)) return;
    Annotations.of(this).addWarningV2('cdk-web-platform:deliveryRolesClaims',
      `AWS is known to compare the claim of branches in its commercial regions, not in ${region}: where it does not, nobody can assume these roles. `
      + "If so, leave branches out and restrict the environments' branches on GitHub.");
  }
}
