/** A game of the collection. */
export interface Game {
  readonly slug: string;
  readonly title: string;
  readonly maker: string;
  readonly year: number;
  readonly condition: string;
  readonly story: string;
}

export const GAMES: readonly Game[] = [
  {
    slug: 'star-courier',
    title: 'Star Courier',
    maker: 'Nebula Works',
    year: 1983,
    condition: 'Boxed, with manual',
    story: 'Deliver parcels between moons before the fuel is gone. The cabinet version had a steering wheel.',
  },
  {
    slug: 'maze-baker',
    title: 'Maze Baker',
    maker: 'Little Oven',
    year: 1986,
    condition: 'Loose cartridge',
    story: 'Collect flour, avoid the mice, and leave before the bread burns. Known for its third, unwinnable kitchen.',
  },
  {
    slug: 'tide-runner',
    title: 'Tide Runner',
    maker: 'Harbour Soft',
    year: 1991,
    condition: 'Sealed',
    story: 'A racing game on a beach that gets smaller with every wave. The record of 2:14 has stood since 1994.',
  },
];
