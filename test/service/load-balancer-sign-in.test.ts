import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { IMAGE, Platform, resourcesOf } from './fixtures';
import { LoadBalancerSignIn, ReleaseStrategy, SignInDomain, UserDirectory, WebService } from '../../src';

const rolling = ReleaseStrategy.rolling();

function platformWithUsers() {
  const platform = new Platform();
  const hostedZone = route53.HostedZone.fromHostedZoneAttributes(platform.stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' });
  const loadBalancer = platform.addLoadBalancer('Front', { domainName: 'admin.example.com', hostedZone });
  const directory = new UserDirectory(platform.stack, 'Users', { domain: SignInDomain.prefix('shop') });
  const client = directory.addServerClient('Admin', { callbackUrls: ['https://admin.example.com/oauth2/idpresponse'] });
  return { platform, loadBalancer, directory, client, signIn: LoadBalancerSignIn.users(directory, { client, sessionTimeout: Duration.hours(8) }) };
}

test('a load balancer lets only users through who signed in, and reaches Cognito for that', () => {
  const { platform, loadBalancer, signIn } = platformWithUsers();
  platform.addService('Admin', { loadBalancer, signIn, release: rolling });
  const template = platform.template();
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
    Actions: [
      { Type: 'authenticate-cognito', Order: 1, AuthenticateCognitoConfig: Match.objectLike({ SessionTimeout: 28_800, UserPoolDomain: { Ref: Match.anyValue() } }) },
      Match.objectLike({ Type: 'forward', Order: 2 }),
    ],
  });
  const [group] = Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroup', 'Front'));
  expect(group.Properties.SecurityGroupEgress).toEqual([expect.objectContaining({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 })]);
});

test('nobody is asked where signIn is left out', () => {
  const { platform, loadBalancer } = platformWithUsers();
  platform.addService('Admin', { loadBalancer });
  expect(JSON.stringify(platform.template().findResources('AWS::ElasticLoadBalancingV2::ListenerRule'))).not.toContain('authenticate');
});

describe('refused before anything is made', () => {
  test('a release that ECS would fail', () => {
    const { platform, loadBalancer, signIn } = platformWithUsers();
    const make = () => new WebService(platform.stack, 'Admin', { ...platform.serviceProps(loadBalancer), image: IMAGE, signIn });
    expect(make).toThrow('ECS fails to start a new version beside the old one');
    expect(platform.stack.node.findChild('Admin').node.children).toEqual([]);
  });

  test('a load balancer without HTTPS', () => {
    const { platform, signIn } = platformWithUsers();
    expect(() => platform.addService('Admin', { signIn, release: rolling })).toThrow('over HTTPS only');
  });

  test("a browser's client, which has no secret", () => {
    const { directory } = platformWithUsers();
    const client = directory.addBrowserClient('Web', { callbackUrls: ['https://example.com/callback'] });
    expect(() => LoadBalancerSignIn.users(directory, { client })).toThrow('make the client with addServerClient()');
  });

  test('a directory without sign-in pages', () => {
    const { platform, client } = platformWithUsers();
    expect(() => LoadBalancerSignIn.users(new UserDirectory(platform.stack, 'Others'), { client })).toThrow('no sign-in pages');
  });

  test.each([[undefined, 'directory is missing'], ['pool', 'directory is not']])('the directory %j', (directory, problem) => {
    expect(() => LoadBalancerSignIn.users(directory as never, {} as never)).toThrow(problem);
  });

  test('a session longer than Cognito allows', () => {
    const { directory, client } = platformWithUsers();
    expect(() => LoadBalancerSignIn.users(directory, { client, sessionTimeout: Duration.days(8) })).toThrow('sessionTimeout');
  });

  test('what is no LoadBalancerSignIn', () => {
    const { platform, loadBalancer } = platformWithUsers();
    expect(() => platform.addService('Admin', { loadBalancer, signIn: true as never })).toThrow('signIn is not what it should be');
  });
});
