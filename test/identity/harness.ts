import { App, Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { SignInDomain, SignInProvider, UserDirectory, UserDirectoryProps } from '../../src/identity';

export type Build = (stack: Stack) => UserDirectoryProps;

export const FRANKFURT = { account: '111111111111', region: 'eu-central-1' };
export const CALLBACK = { callbackUrls: ['https://www.example.com/callback'] };
export const CERTIFICATE_ARN = 'arn:aws:acm:us-east-1:111111111111:certificate/0f0f0f0f-1111-2222-3333-444444444444';

export function make(props: UserDirectoryProps | Build = {}, env: Environment = {}) {
  const stack = new Stack(new App(), 'Stack', { env });
  const directory = new UserDirectory(stack, 'Users', typeof props === 'function' ? props(stack) : props);
  return { stack, directory, template: () => Template.fromStack(stack) };
}

export function certificate(stack: Stack, arn = CERTIFICATE_ARN): acm.ICertificate {
  return acm.Certificate.fromCertificateArn(stack, 'Certificate', arn);
}

export function zone(stack: Stack, zoneName = 'example.com'): route53.IHostedZone {
  return route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z0123456789', zoneName });
}

export function secret(stack: Stack): secretsmanager.ISecret {
  return secretsmanager.Secret.fromSecretNameV2(stack, 'GoogleSecret', 'shop/google');
}

export const ownDomain: Build = stack => ({
  domain: SignInDomain.custom({ domainName: 'auth.example.com', certificate: certificate(stack), hostedZone: zone(stack) }),
});

/** Everything on. */
export const full: Build = stack => ({
  ...ownDomain(stack),
  providers: [
    SignInProvider.google({ clientId: '123.apps.googleusercontent.com', clientSecret: secret(stack), clientSecretField: 'clientSecret' }),
    SignInProvider.openIdConnect('Company', { clientId: 'shop', clientSecret: secret2(stack), issuerUrl: 'https://login.example.org' }),
  ],
});

function secret2(stack: Stack): secretsmanager.ISecret {
  return secretsmanager.Secret.fromSecretNameV2(stack, 'CompanySecret', 'shop/company');
}

export function poolOf(template: Template): { [name: string]: any } {
  return Object.values(template.findResources('AWS::Cognito::UserPool'))[0].Properties;
}
