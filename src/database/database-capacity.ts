import { Token } from 'aws-cdk-lib';
import { INSTANCE_FAMILIES, memoryGiB, sizesOf } from './instance-class';
import { PlatformError } from '../errors';
import { checkOneOf, checkOrder, display } from '../validate';

/** Limits between which Aurora Serverless v2 scales. */
export interface ServerlessCapacityOptions {
  /**
   * Least capacity, in Aurora capacity units of about 2 GiB: 0 to 256 in steps of 0.5.
   * 0 pauses an idle database, and the first connection after that waits about 15 seconds.
   */
  readonly minimumCapacity: number;
  /** Most capacity, in Aurora capacity units of about 2 GiB: 1 to 256 in steps of 0.5. */
  readonly maximumCapacity: number;
}

/** What a database runs on: one RDS instance of a class, or Aurora PostgreSQL that scales by itself. */
export class DatabaseCapacity {
  /**
   * An RDS for PostgreSQL instance.
   *
   * @param databaseClass the class with or without its `db.` prefix, such as `t4g.medium`
   */
  public static instance(databaseClass: string): DatabaseCapacity {
    const where = 'DatabaseCapacity.instance';
    if (Token.isUnresolved(databaseClass)) return new DatabaseCapacity(databaseClass);
    const name = String(databaseClass).replace(/^db\./, '');
    const [family, size, ...rest] = name.split('.');
    checkOneOf(where, 'the family of databaseClass', family, INSTANCE_FAMILIES);
    if (rest.length > 0 || !sizesOf(family).includes(size)) {
      throw new PlatformError(where, {
        problem: 'this database class does not exist for PostgreSQL.',
        got: `databaseClass ${display(databaseClass)}`,
        allowed: sizesOf(family).map(allowed => `${family}.${allowed}`).join(', '),
        fix: 'set databaseClass to one of the allowed values',
      });
    }
    return new DatabaseCapacity(name);
  }

  /**
   * An Aurora PostgreSQL cluster of Serverless v2 instances.
   *
   * @see https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
   */
  public static serverless(options: ServerlessCapacityOptions): DatabaseCapacity {
    const where = 'DatabaseCapacity.serverless';
    checkCapacity(where, 'minimumCapacity', options?.minimumCapacity, 0);
    checkCapacity(where, 'maximumCapacity', options?.maximumCapacity, 1);
    checkOrder(where, 'minimumCapacity', options.minimumCapacity, 'maximumCapacity', options.maximumCapacity);
    return new DatabaseCapacity(undefined, options.minimumCapacity, options.maximumCapacity);
  }

  private constructor(
    /** Class of the instance without `db.`; none for a serverless cluster. */
    public readonly databaseClass?: string,
    /** Least capacity of a serverless cluster, in Aurora capacity units. */
    public readonly minimumCapacity?: number,
    /** Most capacity of a serverless cluster, in Aurora capacity units. */
    public readonly maximumCapacity?: number,
  ) {}

  /** Most memory that it has, in GiB; unknown where the class is a token. */
  public get memoryGiB(): number | undefined {
    if (this.databaseClass === undefined) return (this.maximumCapacity ?? 0) * 2;
    return Token.isUnresolved(this.databaseClass) ? undefined : memoryGiB(this.databaseClass);
  }

  /** The capacity in words, such as `serverless(0.5 to 4)`. */
  public toString(): string {
    return this.databaseClass ?? `serverless(${this.minimumCapacity} to ${this.maximumCapacity})`;
  }
}

function checkCapacity(where: string, prop: string, value: number, least: number): void {
  if (Token.isUnresolved(value)) return;
  if (typeof value === 'number' && value >= least && value <= 256 && Number.isInteger(value * 2)) return;
  throw new PlatformError(where, {
    problem: `${prop} is no capacity that Aurora Serverless v2 has.`,
    got: `${prop} ${display(value)}`,
    allowed: `${least} to 256 in steps of 0.5`,
    fix: `set ${prop} within these limits`,
  });
}
