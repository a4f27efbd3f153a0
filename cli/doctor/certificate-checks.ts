import { bad, Finding, good } from './finding';
import { textOf } from './texts';
import { allResources, AssemblyResource, DeployableStack } from '../assembly';

/** Whether certificates that are given are where their user looks for them. CloudFront takes them from us-east-1: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html */
export function checkCertificates(stack: DeployableStack): Finding[] {
  return allResources(stack).flatMap(resource => {
    const needed = resource.type === 'AWS::CloudFront::Distribution' ? 'us-east-1' : stack.region;
    return certificatesOf(resource).flatMap(value => {
      const [, region] = /^arn:[^:]*:acm:([a-z0-9-]+):/.exec(textOf(value, stack) ?? '') ?? [];
      if (region === undefined || needed === undefined) return [];
      const says = `${resource.path} has one of ${region}`;
      return [region === needed ? good(stack.name, 'certificate', says) : bad(stack.name, 'certificate', `${says}, and needs one of ${needed}`, `request it in ${needed}, or leave it to the pattern: give hostedZone`)];
    });
  });
}

function certificatesOf({ type, properties }: AssemblyResource): unknown[] {
  if (type === 'AWS::CloudFront::Distribution') return [properties.DistributionConfig?.ViewerCertificate?.AcmCertificateArn];
  if (!['AWS::ElasticLoadBalancingV2::Listener', 'AWS::ElasticLoadBalancingV2::ListenerCertificate'].includes(type)) return [];
  return (properties.Certificates ?? []).map((certificate: any) => certificate.CertificateArn);
}
