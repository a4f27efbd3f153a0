import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';
import { checkText, display } from '../validate';

/** What a Fargate task cannot start without: its image, its log, its secrets. S3, where image layers lie, has a gateway. */
const ISOLATED_TASK_SERVICES = ['ecr.api', 'ecr.dkr', 'logs', 'secretsmanager'];

/** What ECS Exec talks through. */
const EXECUTE_COMMAND_SERVICE = 'ssmmessages';

/** Services that have a gateway endpoint, which costs nothing and is always there. */
const GATEWAY_SERVICES = ['s3', 'dynamodb'];

let known: Map<string, ec2.InterfaceVpcEndpointAwsService> | undefined;

function knownServices(): Map<string, ec2.InterfaceVpcEndpointAwsService> {
  known ??= new Map(Object.values(ec2.InterfaceVpcEndpointAwsService)
    .filter((service): service is ec2.InterfaceVpcEndpointAwsService => service instanceof ec2.InterfaceVpcEndpointAwsService)
    .map(service => [service.shortName, service]));
  return known;
}

/** The service of that short name, which has been checked. */
export function endpointService(shortName: string): ec2.InterfaceVpcEndpointAwsService {
  return knownServices().get(shortName)!;
}

/** The services asked for, and in a network without NAT those that tasks need, each once. */
export function endpointNames(asked: string[], isolated: boolean, executeCommand: boolean): string[] {
  const needed = isolated ? [...ISOLATED_TASK_SERVICES, ...(executeCommand ? [EXECUTE_COMMAND_SERVICE] : [])] : [];
  return [...new Set([...needed, ...asked])];
}

/** Refuses names that AWS does not have, naming those that come close. */
export function checkEndpointNames(where: IConstruct, names: string[]): void {
  for (const name of names) {
    checkText(where, 'interfaceEndpoints', name, /^\S+$/, "a service's short name, such as secretsmanager");
    if (GATEWAY_SERVICES.includes(name)) {
      throw new PlatformError(where, {
        problem: `${name} already has a gateway endpoint, which costs nothing.`,
        got: `interfaceEndpoints ${display(names)}`,
        allowed: 'services other than s3 and dynamodb',
        fix: `remove '${name}'`,
      });
    }
    if (knownServices().has(name)) continue;
    const close = [...knownServices().keys()].filter(candidate => similar(candidate, name));
    throw new PlatformError(where, {
      problem: `there is no interface endpoint for '${name}'.`,
      got: `interfaceEndpoints ${display(names)}`,
      allowed: close.length > 0 ? close.slice(0, 12).join(', ') : `one of ${knownServices().size} short names, such as secretsmanager, ecr.api, logs`,
      fix: 'write the short name as in com.amazonaws.<region>.<short name>',
    });
  }
}

function similar(candidate: string, name: string): boolean {
  const letters = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const [a, b] = [letters(candidate), letters(name)];
  return b.length > 1 && (a.includes(b) || b.includes(a) || (b.length > 3 && a.startsWith(b.slice(0, 4))));
}
