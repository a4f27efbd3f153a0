import { SecretValue } from 'aws-cdk-lib';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { PlatformError } from '../errors';
import { checkGiven, checkText } from '../validate';

/** How Amplify gets into a repository. */
export interface AmplifyRepositoryOptions {
  /**
   * Secret with the token. On GitHub, one of an account that has installed Amplify's GitHub App for the repository; its scope is
   * `admin:repo_hook`. Amplify uses it once, to connect, and does not keep it.
   * @see https://docs.aws.amazon.com/amplify/latest/userguide/setting-up-GitHub-access.html
   */
  readonly accessToken: secretsmanager.ISecret;
  /**
   * Field of the secret, where its value is JSON.
   * @default - the secret's whole value is the token
   */
  readonly field?: string;
}

/** Where an Amplify app's code comes from. Only a reference to the token is in the template: CloudFormation reads the secret itself. */
export class AmplifyRepository {
  /**
   * A repository on GitHub.
   *
   * @param name owner and name, such as `acme/shop`
   */
  public static github(name: string, options: AmplifyRepositoryOptions): AmplifyRepository {
    return new AmplifyRepository('github.com', name, options);
  }

  /**
   * A repository on gitlab.com.
   *
   * @param name group and name, such as `acme/shop`
   */
  public static gitLab(name: string, options: AmplifyRepositoryOptions): AmplifyRepository {
    return new AmplifyRepository('gitlab.com', name, options);
  }

  /**
   * A repository on bitbucket.org.
   *
   * @param name workspace and name, such as `acme/shop`
   */
  public static bitbucket(name: string, options: AmplifyRepositoryOptions): AmplifyRepository {
    return new AmplifyRepository('bitbucket.org', name, options);
  }

  /** Address of the repository. */
  public readonly url: string;

  private constructor(private readonly host: string, name: string, private readonly options: AmplifyRepositoryOptions) {
    const where = 'AmplifyRepository';
    checkGiven(where, 'name', name, 'owner and name, such as acme/shop');
    checkText(where, 'name', name, /^[\w.-]+(\/[\w.-]+)+$/, 'owner and name, such as acme/shop, without an address in front');
    checkSecret(where, options);
    this.url = `https://${host}/${name}`;
  }

  /**
   * The token as CloudFormation resolves it. GitHub's is an access token, which makes Amplify connect through its GitHub App.
   * @internal
   */
  public _credentials(): { readonly accessToken?: string; readonly oauthToken?: string } {
    const { accessToken: secret, field } = this.options;
    const token = SecretValue.secretsManager(secret.secretArn, { jsonField: field }).unsafeUnwrap();
    return this.host === 'github.com' ? { accessToken: token } : { oauthToken: token };
  }
}

function checkSecret(where: string, options: AmplifyRepositoryOptions): void {
  const allowed = 'a secretsmanager.ISecret, such as Secret.fromSecretNameV2(this, \'Token\', \'github-token\')';
  checkGiven(where, 'accessToken', options?.accessToken, allowed);
  checkText(where, 'field', options.field, /./, 'the name of a field of the secret');
  if (typeof options.accessToken === 'object' && 'secretArn' in options.accessToken) return;
  throw new PlatformError(where, {
    problem: 'accessToken is no secret of Secrets Manager; a token itself would be in the template for everybody to read.',
    // What was given may be the token.
    got: `accessToken as ${typeof options.accessToken}, which is not shown here`,
    allowed,
    fix: 'put the token into Secrets Manager and give that secret; revoke a token that was written into code',
  });
}
