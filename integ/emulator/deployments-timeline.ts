/** One thing that happened in a deployment. */
export interface TimelineEntry {
  /** Milliseconds since the service's first deployment began. */
  readonly at: number;
  /** The deployment's id, the last part of its ARN. */
  readonly deployment: string;
  readonly stage: string;
  /** Such as `entered`, `hook invoked`, `hook answered`, `production traffic`, `task healthy`, `rollback`, `ended`. */
  readonly what: string;
  readonly detail?: unknown;
  /** How long it took. */
  readonly milliseconds?: number;
}

/** What happened to a service, in order. */
export class Timeline {
  public readonly entries: TimelineEntry[] = [];
  private readonly began = performance.now();

  public add(deployment: string, stage: string, what: string, detail?: unknown, milliseconds?: number): void {
    this.entries.push({ at: Math.round(performance.now() - this.began), deployment, stage, what, detail, milliseconds });
  }
}

/** A timeline as lines to read. */
export function describeTimeline(entries: readonly TimelineEntry[]): string {
  return entries.map(({ at, deployment, stage, what, detail, milliseconds }) => [
    `${(at / 1000).toFixed(3).padStart(9)} s`, deployment.slice(0, 6), stage.padEnd(29), what,
    ...milliseconds === undefined ? [] : [`(${milliseconds} ms)`],
    ...detail === undefined ? [] : [typeof detail === 'string' ? detail : JSON.stringify(detail)],
  ].join('  ')).join('\n');
}
