const LARGE_TO_16 = 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge';
const LARGE_TO_24 = `${LARGE_TO_16} 24xlarge`;
const LARGE_TO_32 = `${LARGE_TO_24} 32xlarge`;
const LARGE_TO_48 = `${LARGE_TO_24} 48xlarge`;
const BURSTABLE = 'micro small medium large xlarge 2xlarge';

/**
 * Sizes of each family that RDS for PostgreSQL offers in some region, and GiB of memory of the family's `xlarge`.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
 */
const FAMILIES: { [family: string]: { readonly sizes: string; readonly xlargeGiB: number } } = {
  t3: { sizes: BURSTABLE, xlargeGiB: 16 },
  t4g: { sizes: BURSTABLE, xlargeGiB: 16 },
  m5: { sizes: LARGE_TO_24, xlargeGiB: 16 },
  m5d: { sizes: LARGE_TO_24, xlargeGiB: 16 },
  m6g: { sizes: LARGE_TO_16, xlargeGiB: 16 },
  m6gd: { sizes: LARGE_TO_16, xlargeGiB: 16 },
  m6i: { sizes: LARGE_TO_32, xlargeGiB: 16 },
  m6id: { sizes: LARGE_TO_32, xlargeGiB: 16 },
  m6idn: { sizes: LARGE_TO_32, xlargeGiB: 16 },
  m6in: { sizes: LARGE_TO_32, xlargeGiB: 16 },
  m7g: { sizes: LARGE_TO_16, xlargeGiB: 16 },
  m7i: { sizes: LARGE_TO_48, xlargeGiB: 16 },
  m8g: { sizes: LARGE_TO_48, xlargeGiB: 16 },
  m8gd: { sizes: LARGE_TO_48, xlargeGiB: 16 },
  r5: { sizes: LARGE_TO_24, xlargeGiB: 32 },
  r5b: { sizes: LARGE_TO_24, xlargeGiB: 32 },
  r5d: { sizes: LARGE_TO_24, xlargeGiB: 32 },
  r6g: { sizes: LARGE_TO_16, xlargeGiB: 32 },
  r6gd: { sizes: LARGE_TO_16, xlargeGiB: 32 },
  r6i: { sizes: LARGE_TO_32, xlargeGiB: 32 },
  r6id: { sizes: LARGE_TO_32, xlargeGiB: 32 },
  r6idn: { sizes: LARGE_TO_32, xlargeGiB: 32 },
  r6in: { sizes: LARGE_TO_32, xlargeGiB: 32 },
  r7g: { sizes: LARGE_TO_16, xlargeGiB: 32 },
  r7i: { sizes: LARGE_TO_48, xlargeGiB: 32 },
  r8g: { sizes: LARGE_TO_48, xlargeGiB: 32 },
  r8gd: { sizes: LARGE_TO_48, xlargeGiB: 32 },
  x2g: { sizes: LARGE_TO_16, xlargeGiB: 64 },
  x2idn: { sizes: '16xlarge 24xlarge 32xlarge', xlargeGiB: 64 },
  x2iedn: { sizes: 'xlarge 2xlarge 4xlarge 8xlarge 16xlarge 24xlarge 32xlarge', xlargeGiB: 128 },
};

const PARTS_OF_XLARGE: { [size: string]: number } = { micro: 1 / 16, small: 1 / 8, medium: 1 / 4, large: 1 / 2, xlarge: 1 };

/** Families of instance classes that exist for PostgreSQL. */
export const INSTANCE_FAMILIES = Object.keys(FAMILIES);

/** Sizes that a family has; none if there is no such family. */
export function sizesOf(family: string): string[] {
  return Object.hasOwn(FAMILIES, family) ? FAMILIES[family].sizes.split(' ') : [];
}

/** Memory of a class such as `t4g.medium`, in GiB. */
export function memoryGiB(databaseClass: string): number {
  const [family, size] = databaseClass.split('.');
  return FAMILIES[family].xlargeGiB * (PARTS_OF_XLARGE[size] ?? parseInt(size, 10));
}
