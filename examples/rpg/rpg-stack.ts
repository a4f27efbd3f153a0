import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  AmplifyBranchOptions, AmplifyFramework, AmplifyMultiBranchApp, AmplifyRepository, AppBucket, AppTable, BranchVariable, Budget, BuildSmokeTest,
  EnvironmentProfile,
} from 'cdk-web-platform';
import { Construct } from 'constructs';

export interface RpgStackProps extends StackProps {
  /** Domain of the game; staging is one below it. */
  readonly domainName: string;
  /** Production's table, which was there before this stack. */
  readonly productionTable: string;
}

/** What one environment keeps. */
interface Environment {
  readonly url: string;
  readonly table: AppTable;
  readonly bucket: AppBucket;
}

/** The game: one Amplify app with a server, and for each of its branches a table, a bucket, secrets, and a role that reaches no other's. */
export class RpgStack extends Stack {
  public readonly game: AmplifyMultiBranchApp;
  public readonly staging: Environment;
  public readonly production: Environment;

  constructor(scope: Construct, id: string, props: RpgStackProps) {
    super(scope, id, props);
    const { domainName } = props;
    this.staging = this.createEnvironment('Staging', EnvironmentProfile.staging(), `https://staging.${domainName}`);
    this.production = this.createEnvironment('Production', EnvironmentProfile.production(), `https://${domainName}`, props.productionTable);

    this.game = new AmplifyMultiBranchApp(this, 'Game', {
      repository: AmplifyRepository.github('rpg/web', { accessToken: secretsmanager.Secret.fromSecretNameV2(this, 'Token', 'rpg/github') }),
      framework: AmplifyFramework.nextJs(),
      requires: ['NEXTAUTH_URL', 'NEXTAUTH_SECRET', 'COGNITO_USER_POOL_ID', 'COGNITO_CLIENT_ID', 'COGNITO_CLIENT_SECRET', 'DYNAMODB_TABLE_NAME', 'AWS_S3_BUCKET_NAME'],
      variables: { AWS_REGION: BranchVariable.value(this.region) },
      branches: { staging: this.branchOf('staging', this.staging), production: this.branchOf('production', this.production) },
      domain: { domainName, subdomains: { '': 'production', 'staging': 'staging' } },
      buildSmokeTest: BuildSmokeTest.page({ path: '/login', contains: 'Sign in', startCommand: 'npm start -- --hostname 127.0.0.1' }),
      smokeTests: [{ path: '/login', expectedText: 'Sign in' }],
      alertEmails: ['operations@rpg.example.com'],
    });
    for (const [branchName, { table, bucket }] of Object.entries({ staging: this.staging, production: this.production })) {
      table.grantReadWrite(this.game.branch(branchName));
      bucket.grantReadWrite(this.game.branch(branchName));
      this.game.monitoring.watch(table);
    }
    new Budget(this, 'Budget', { monthlyLimit: 100, topic: this.game.monitoring.topic });
    new CfnOutput(this, 'Operator', { value: this.game.app.operator.function.functionName });
  }

  private createEnvironment(id: string, profile: EnvironmentProfile, url: string, existingTable?: string): Environment {
    return {
      url,
      table: new AppTable(this, `${id}Table`, { profile, existing: existingTable === undefined ? undefined : { tableName: existingTable } }),
      bucket: new AppBucket(this, `${id}Audio`, { profile, allowedOrigins: [url] }),
    };
  }

  private branchOf(branchName: string, { url, table, bucket }: Environment): AmplifyBranchOptions {
    const secrets = secretsmanager.Secret.fromSecretNameV2(this, `Secrets-${branchName}`, `rpg/${branchName}`);
    return {
      variables: {
        NEXTAUTH_URL: BranchVariable.value(url),
        NEXTAUTH_SECRET: BranchVariable.secret(secrets, { field: 'NEXTAUTH_SECRET' }),
        COGNITO_USER_POOL_ID: BranchVariable.ssmParameter(`/rpg/${branchName}/COGNITO_USER_POOL_ID`),
        COGNITO_CLIENT_ID: BranchVariable.ssmParameter(`/rpg/${branchName}/COGNITO_CLIENT_ID`),
        COGNITO_CLIENT_SECRET: BranchVariable.secret(secrets, { field: 'COGNITO_CLIENT_SECRET' }),
        DYNAMODB_TABLE_NAME: BranchVariable.value(table.tableName),
        AWS_S3_BUCKET_NAME: BranchVariable.value(bucket.bucketName),
      },
    };
  }
}
