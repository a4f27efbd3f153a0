import { CustomResource, Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, IDependable } from 'constructs';
import { SearchAdministratorFunction } from './search-administrator-function';
import { SearchDomainSettings } from './search-domain-settings';
import { acknowledgeWildcards } from '../acknowledge';
import { createHelperFunction } from '../helper-function';

/** Longer than the function's own patience with a domain that does not answer yet. */
const TIMEOUT = Duration.minutes(12);

/** What the function needs around it. */
export interface SearchAdministratorProps {
  readonly settings: SearchDomainSettings;
  readonly domainArn: string;
  readonly domainSecurityGroup: ec2.SecurityGroup;
}

/**
 * The function whose role OpenSearch trusts with everything. It lives in the VPC, is called by deployments only, and nobody else has its role.
 */
export class SearchAdministrator extends Construct {
  /** The role, which exists before the domain does. */
  public readonly role: iam.IRole;
  /** What a request waits for besides the function: the ways and rights that none of its properties refers to. */
  public readonly ways: IDependable[];

  private readonly handler: lambda.Function;

  constructor(scope: Construct, id: string, private readonly props: SearchAdministratorProps) {
    super(scope, id);
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.settings.vpc,
      description: `Administrator of search ${this.node.path}`.slice(0, 255),
      allowAllOutbound: false,
    });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'OpenSearch, and the answer to CloudFormation');
    props.domainSecurityGroup.addIngressRule(securityGroup, ec2.Port.HTTPS, 'Administrator');
    this.handler = this.createHandler(securityGroup);
    this.role = this.handler.role!;
    this.ways = [this.node.findChild('Role'), securityGroup, props.domainSecurityGroup];
  }

  /** Has the function do something at each deployment that changes the properties. */
  public ask(scope: Construct, id: string, resourceType: string, properties: { [name: string]: unknown }): CustomResource {
    return new CustomResource(scope, id, {
      resourceType,
      serviceToken: this.handler.functionArn,
      // A function that was killed cannot answer; a little longer than it may run is long enough to wait.
      serviceTimeout: TIMEOUT.plus(Duration.minutes(1)),
      properties,
    });
  }

  private createHandler(securityGroup: ec2.SecurityGroup): lambda.Function {
    const { settings, domainArn } = this.props;
    acknowledgeWildcards(this, [`${domainArn}/*`], 'Requests of one domain, as its administrator: '
      + 'https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html');
    return createHelperFunction(this, SearchAdministratorFunction, {
      statements: [new iam.PolicyStatement({
        actions: ['es:ESHttpGet', 'es:ESHttpPut', 'es:ESHttpPatch', 'es:ESHttpDelete'],
        resources: [`${domainArn}/*`],
      })],
      logRetentionDays: settings.logRetentionDays,
      encryptionKey: settings.encryptionKey,
      removalPolicy: settings.removalPolicy,
      description: 'Puts index templates in place and lets roles in, during deployments',
      vpc: settings.vpc,
      vpcSubnets: settings.functionSubnets,
      securityGroups: [securityGroup],
      memorySize: 256,
      timeout: TIMEOUT,
    });
  }
}
