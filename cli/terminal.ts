import { createInterface } from 'readline';
import { Interruption } from './outcome';

const COLOURS = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };
const SIGN_OF_LIFE_MILLISECONDS = 15_000;

/** What commands say: results to the output, progress to the error output, so that `--json` gives JSON and nothing else. */
export class Terminal {
  constructor(public readonly json: boolean) {}

  /** The result, for people or for machines. */
  public result(text: string, data: unknown): void {
    process.stdout.write(this.json ? `${JSON.stringify(data, undefined, 2)}\n` : `${text}\n`);
  }

  /** What happens meanwhile. */
  public progress(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** Says what begins, now and then that it still goes on, and how long it took. */
  public async step<T>(what: string, action: () => Promise<T>): Promise<T> {
    const started = Date.now();
    const elapsed = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
    this.progress(`${paint('cyan', '▸', process.stderr)} ${what} …`);
    const alive = setInterval(() => this.progress(`  still at it, ${elapsed()}`), SIGN_OF_LIFE_MILLISECONDS);
    try {
      const result = await action();
      this.progress(paint('dim', `  ${elapsed()}`, process.stderr));
      return result;
    } finally {
      clearInterval(alive);
    }
  }

  /** Whether a person can be asked. */
  public get isInteractive(): boolean {
    return process.stdin.isTTY === true && process.stderr.isTTY === true && !this.json;
  }

  /** Yes or no, with no as the answer of whoever just presses Enter. */
  public async confirm(question: string): Promise<boolean> {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await new Promise<string>((resolve, reject) => {
        lines.question(`${question} [y/N] `, resolve);
        lines.once('SIGINT', () => reject(new Interruption()));
      });
      return /^y(es)?$/i.test(answer.trim());
    } finally {
      lines.close();
    }
  }
}

/** Coloured where a person reads it and did not ask for plain text: https://no-color.org */
export function paint(colour: keyof typeof COLOURS, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  const wanted = stream.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return wanted ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;
}

/** Columns as wide as they need to be. */
export function table(rows: readonly (readonly string[])[], numbers: readonly number[] = []): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column].length)));
  const cell = (text: string, column: number) => numbers.includes(column) ? text.padStart(widths[column]) : text.padEnd(widths[column]);
  return rows.map(row => row.map(cell).join('  ').trimEnd()).join('\n');
}
