import { VisitorAnswer, Visitor } from './edge/visitor';

/** What a viewer got that is no good. */
export interface BadAnswer {
  readonly address: string;
  readonly why: string;
}

const EXPECTED_TYPE: { readonly [extension: string]: RegExp } = { js: /javascript/, css: /^text\/css/, svg: /^image\/svg/, png: /^image\/png/ };

/**
 * Viewers who keep coming: each loads the page and at once everything that this page names, so that a release that is
 * half there is seen. Addresses given are asked for as well, in each round.
 */
export class ContinuousViewers {
  public readonly bad: BadAnswer[] = [];
  public rounds = 0;
  private isStopped = false;
  private readonly running: Promise<void>;

  constructor(private readonly visitor: Visitor, private readonly url: string, private readonly always: readonly string[]) {
    this.running = this.run();
  }

  public async stop(): Promise<this> {
    this.isStopped = true;
    await this.running;
    return this;
  }

  /** Waits until this many more rounds are done. */
  public async more(rounds: number): Promise<void> {
    const wanted = this.rounds + rounds;
    while (this.rounds < wanted && !this.isStopped) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const page = await this.ask(`${this.url}/`, /^text\/html/);
      const named = [...(page?.body.toString() ?? '').matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, address]) => `${this.url}${address}`);
      await Promise.all([...named, ...this.always].map((address) => this.ask(address, EXPECTED_TYPE[address.split('.').at(-1)!] ?? /./)));
      this.rounds++;
    }
  }

  private async ask(address: string, type: RegExp): Promise<VisitorAnswer | undefined> {
    try {
      const answer = await this.visitor.get(address);
      // A page where a script should be is how single-page apps break.
      if (answer.status !== 200 || !type.test(answer.headers['content-type'] ?? '')) {
        this.bad.push({ address, why: `${answer.status} ${answer.headers['content-type']}` });
      }
      return answer;
    } catch (error) {
      this.bad.push({ address, why: `${error}` });
      return undefined;
    }
  }
}
