import type { NextConfig } from 'next';

const config: NextConfig = {
  poweredByHeader: false,
  // Without it Next takes the folder of the outermost lock file for the project, which in a monorepo is not this one.
  turbopack: { root: __dirname },
};

export default config;
