import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { SitePasswordProps } from './site-password';
import { PlatformError } from '../errors';
import { checkKind, checkText, display } from '../validate';

/** Refuses names that no browser can send, and regions without key value stores. */
export function validateSitePassword(where: IConstruct, props: SitePasswordProps): void {
  checkKind(where, 'secret', props.secret, 'secretArn', 'a secretsmanager.ISecret');
  checkKind(where, 'profile', props.profile, 'logRetentionDays', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey');
  checkText(where, 'username', props.username, /^[!-9;-~]{1,64}$/, '1 to 64 letters, digits and signs, without spaces and colons');
  checkText(where, 'version', props.version, /./, 'a text that is not empty');
  checkOneName(where, props);
  checkPartition(where);
}

function checkOneName(where: IConstruct, { secret, username }: SitePasswordProps): void {
  if (!secret || username === undefined) return;
  throw new PlatformError(where, {
    problem: 'a username is given beside a secret that has its own.',
    got: `username ${display(username)}, and a secret`,
    allowed: 'username, or secret',
    fix: 'leave username out and write it into the field username of the secret',
  });
}

/** The service's own endpoint rules know no other partition than `aws`. */
function checkPartition(where: IConstruct): void {
  const { region } = Stack.of(where);
  if (Token.isUnresolved(region) || !/^(cn|us-gov|us-iso\w*|eu-iso\w*|eusc)-/.test(region)) return;
  throw new PlatformError(where, {
    problem: 'CloudFront has no key value stores in this partition.',
    got: `region '${region}'`,
    allowed: 'the regions of the partition aws',
    fix: 'leave the password out, or protect the site by an allow list of addresses in its firewall',
  });
}
