import { Annotations } from 'aws-cdk-lib';
import type * as accessanalyzer from 'aws-cdk-lib/aws-accessanalyzer';
import type * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import { IConstruct } from 'constructs';
import { AccountSecurityProps, GuardDutyFeature, RecordingFrequency, SecurityStandard } from './account-security-props';
import { AccountService } from './account-service';
import { checkOncePerAccount, OncePerAccount } from './once-per-account';
import { PlatformError } from '../errors';
import { checkBoolean, checkInteger, checkKind, checkKnown, checkList, checkOneOf, display } from '../validate';

type ServiceName = 'configRecorder' | 'guardDuty' | 'securityHub' | 'imageScanning' | 'cloudTrail' | 'accessAnalyzer';

const SERVICES: { readonly [name in ServiceName]: OncePerAccount } = {
  configRecorder: { type: 'AWS::Config::ConfigurationRecorder', what: "AWS Config's recorder" },
  guardDuty: { type: 'AWS::GuardDuty::Detector', what: 'a GuardDuty detector' },
  securityHub: { type: 'AWS::SecurityHub::Hub', what: 'Security Hub CSPM' },
  imageScanning: { type: 'AWS::ECR::RegistryScanningConfiguration', what: 'a scanning configuration of its registry' },
  cloudTrail: {
    type: 'AWS::CloudTrail::Trail',
    what: 'a trail of all regions',
    isMeant: resource => (resource as cloudtrail.CfnTrail).isMultiRegionTrail === true,
    allRegions: true,
  },
  accessAnalyzer: {
    type: 'AWS::AccessAnalyzer::Analyzer',
    what: 'an analyzer of external access',
    isMeant: resource => (resource as accessanalyzer.CfnAnalyzer).type === 'ACCOUNT',
  },
};

/** Choices that say how a service is made, and mean nothing where it is not. */
const CHOICES: readonly [keyof AccountSecurityProps, readonly ServiceName[]][] = [
  ['recordingFrequency', ['configRecorder']],
  ['recordEveryType', ['configRecorder']],
  ['configServiceLinkedRole', ['configRecorder']],
  ['guardDutyFeatures', ['guardDuty']],
  ['securityStandards', ['securityHub']],
  ['logRetentionDays', ['configRecorder', 'cloudTrail']],
  ['encryptionKey', ['configRecorder', 'cloudTrail']],
  ['accessLogsBucket', ['configRecorder', 'cloudTrail']],
];

/** Refuses what the account could not have twice, what would have no effect, and checks without anything to check by. */
export function validateAccountSecurity(where: IConstruct, props: AccountSecurityProps): void {
  const names = Object.keys(SERVICES) as ServiceName[];
  checkKinds(where, props, names);
  checkAny(where, props, names);
  for (const [choice, services] of CHOICES) checkChoice(where, props, choice, services);
  checkRecorder(where, props);
  for (const name of names) {
    if (props[name] === AccountService.NEW) checkOncePerAccount(where, name, SERVICES[name]);
  }
}

function checkKinds(where: IConstruct, props: AccountSecurityProps, names: ServiceName[]): void {
  checkKind(where, 'profile', props.profile, 'removalPolicy', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  for (const name of names) {
    checkKnown(where, name, props[name]);
    checkOneOf(where, name, props[name], Object.values(AccountService));
  }
  checkOneOf(where, 'recordingFrequency', props.recordingFrequency, Object.values(RecordingFrequency));
  for (const name of ['recordEveryType', 'configServiceLinkedRole', 'alarms'] as const) {
    checkKnown(where, name, props[name]);
    checkBoolean(where, name, props[name]);
  }
  checkChosen(where, 'guardDutyFeatures', props.guardDutyFeatures, Object.values(GuardDutyFeature));
  checkChosen(where, 'securityStandards', props.securityStandards, Object.values(SecurityStandard));
  checkInteger(where, 'logRetentionDays', props.logRetentionDays, 90, 3653);
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey');
  checkKind(where, 'accessLogsBucket', props.accessLogsBucket, 'bucketName', 'an s3.IBucket');
}

function checkChosen(where: IConstruct, prop: string, chosen: string[] | undefined, allowed: string[]): void {
  checkKnown(where, prop, chosen);
  checkList(where, prop, chosen);
  for (const [index, each] of (chosen ?? []).entries()) checkOneOf(where, `${prop}[${index}]`, each, allowed);
}

function checkAny(where: IConstruct, props: AccountSecurityProps, names: ServiceName[]): void {
  if (names.some(name => props[name] !== undefined)) return;
  throw new PlatformError(where, {
    problem: 'no service is chosen, so that there is nothing to make and nothing to tell.',
    got: 'no service',
    allowed: names.join(', '),
    fix: 'set one of them to AccountService.NEW, or to AccountService.EXISTING to be told of its findings',
  });
}

function checkChoice(where: IConstruct, props: AccountSecurityProps, choice: keyof AccountSecurityProps, services: readonly ServiceName[]): void {
  if (props[choice] === undefined || services.some(name => props[name] === AccountService.NEW)) return;
  throw new PlatformError(where, {
    problem: `${choice} says how something is made that is not made here.`,
    got: `${choice} given, ${services.map(name => `${name} ${display(props[name])}`).join(', ')}`,
    allowed: `${choice} with ${services.join(' or ')} AccountService.NEW`,
    fix: `leave ${choice} out, or set ${services[0]} to AccountService.NEW`,
  });
}

/**
 * Without a recorder Security Hub finds nothing, and says nothing.
 *
 * @see https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-setup-prereqs.html
 */
function checkRecorder(where: IConstruct, props: AccountSecurityProps): void {
  const { securityHub, configRecorder, recordEveryType, configServiceLinkedRole } = props;
  if (securityHub !== AccountService.NEW) return;
  if (configRecorder === undefined || recordEveryType === false) {
    throw new PlatformError(where, {
      problem: "Security Hub's checks are made by AWS Config, of what it records.",
      got: `securityHub NEW, configRecorder ${display(configRecorder)}, recordEveryType ${display(recordEveryType)}`,
      allowed: 'configRecorder NEW with every type, or EXISTING',
      fix: recordEveryType === false ? 'leave recordEveryType out' : 'set configRecorder to AccountService.NEW, or EXISTING where the account has one',
    });
  }
  if (configRecorder !== AccountService.NEW || configServiceLinkedRole) return;
  Annotations.of(where).addWarningV2('cdk-web-platform:configServiceLinkedRole',
    "Security Hub's critical check Config.1 fails for a recorder without AWS Config's service-linked role. Make the role by "
    + "'aws iam create-service-linked-role --aws-service-name config.amazonaws.com', and set configServiceLinkedRole to true.");
}
