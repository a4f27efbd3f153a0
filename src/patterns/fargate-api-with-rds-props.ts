import { ContainerPlatformProps } from './container-platform-props';
import { ApiServiceOptions } from './data-access';

/** Properties of a `FargateApiWithRds`: the first service, and the parts it stands on. */
export interface FargateApiWithRdsProps extends ApiServiceOptions, ContainerPlatformProps {}
