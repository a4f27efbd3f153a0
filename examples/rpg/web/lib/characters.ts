export const CALLINGS: readonly string[] = ['Bard', 'Ranger', 'Warrior', 'Wizard'];

export interface Character {
  readonly id: string;
  readonly name: string;
  readonly calling: string;
  readonly createdAt: string;
}
