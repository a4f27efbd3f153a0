import { MigrationsProps } from './migrations';
import { ContainerOptions } from '../container-options';
import { TaskPlacement } from '../task-placement';
import type { WebServiceOptions } from '../web-service-options';

/** The migrations of a service: its image with its variables, where the migrations' own do not say otherwise. */
export function migrationsOf(service: WebServiceOptions & TaskPlacement): MigrationsProps {
  const { environment, secrets, ...own } = service.migrations!;
  const { image, cpuArchitecture, readonlyRootFilesystem, volumes, logRetentionDays, encryptionKey, cluster, vpcSubnets, profile } = service;
  const size: Pick<ContainerOptions, 'cpu' | 'memoryLimitMiB'> = own.cpu === undefined ? { cpu: service.cpu, memoryLimitMiB: service.memoryLimitMiB } : {};
  return {
    image,
    cpuArchitecture,
    readonlyRootFilesystem,
    volumes,
    logRetentionDays,
    encryptionKey,
    cluster,
    vpcSubnets,
    profile,
    ...size,
    ...own,
    // ECS refuses a name that is both a plain variable and a secret.
    environment: { ...without(service.environment, secrets), ...environment },
    secrets: { ...without(service.secrets, environment), ...secrets },
  };
}

function without<T>(variables: { [name: string]: T } = {}, others: object = {}): { [name: string]: T } {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !(name in others)));
}
