import { ScheduledTaskOptions, WebServiceOptions, WorkerOptions } from '../service';

/** Which of the platform's data a container uses. */
export interface DataAccess {
  /**
   * Whether the container reaches the database and finds its address in `DATABASE_URL`.
   * @default true
   */
  readonly usesDatabase?: boolean;
  /**
   * Whether the container reaches the cache, where there is one, and finds its address in `REDIS_URL`.
   * @default true
   */
  readonly usesCache?: boolean;
}

/** Options of a service of a `ContainerPlatform`. */
export interface ApiServiceOptions extends WebServiceOptions, DataAccess {}

/** Options of a worker of a `ContainerPlatform`. */
export interface ApiWorkerOptions extends WorkerOptions, DataAccess {}

/** Options of a scheduled task of a `ContainerPlatform`. */
export interface ApiScheduledTaskOptions extends ScheduledTaskOptions, DataAccess {}
