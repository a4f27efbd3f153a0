/** A report as what it says, which is written as a page and as Markdown. */
export interface ReportDocument {
  readonly title: string;
  readonly lead: string;
  readonly tiles: readonly Tile[];
  readonly sections: readonly Section[];
}

/** The first thing that is read of an environment. */
export interface Tile {
  readonly name: string;
  readonly note: string;
  readonly facts: readonly { readonly value: string; readonly what: string }[];
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly parts: readonly Part[];
}

export type Part = Table | Figure | Gantt | Details | { readonly kind: 'text' | 'heading'; readonly text: string } | { readonly kind: 'list'; readonly items: readonly Cell[] };

export interface Table {
  readonly kind: 'table';
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** The last row, which is no part of the sorting. */
  readonly total?: readonly Cell[];
}

export interface Column {
  readonly name: string;
  readonly numeric?: boolean;
}

export type Cell = string | {
  readonly text: string;
  /** Where it leads. */
  readonly href?: string;
  /** Said below, smaller. */
  readonly note?: string;
  readonly code?: boolean;
  /** A bar behind a number: its length from 0 to 1, in the colour of that environment. */
  readonly bar?: { readonly share: number; readonly series: number };
  /** What counts when it is sorted. */
  readonly order?: number;
  readonly tone?: Tone;
};

export type Tone = 'good' | 'attention' | 'danger';

export interface Figure {
  readonly kind: 'figure';
  readonly caption: string;
  readonly svg: string;
  /** The same for Markdown: https://mermaid.js.org/syntax/flowchart.html */
  readonly mermaid: string;
}

export interface Gantt {
  readonly kind: 'gantt';
  readonly caption: string;
  readonly minutes: number;
  readonly bars: readonly GanttBar[];
}

export interface GanttBar {
  readonly name: string;
  readonly type: string;
  readonly start: number;
  readonly minutes: number;
  /** Whether the whole deployment waits for it. */
  readonly critical: boolean;
}

export interface Details {
  readonly kind: 'details';
  readonly summary: string;
  readonly open?: boolean;
  readonly parts: readonly Part[];
}

export function cellText(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** Such as `1 stack` and `2 stacks`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
