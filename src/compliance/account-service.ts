/** Who turns on a service that an account has once in a region. */
export enum AccountService {
  /** It is made here. Deployment fails where the account has it already, except for a trail, of which an account may have several. */
  NEW = 'NEW',
  /** The account has it already, from a landing zone, an organization or another app. Nothing is made, and people are told of what it finds. */
  EXISTING = 'EXISTING',
}
