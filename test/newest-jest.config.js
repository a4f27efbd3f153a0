// The unit tests on the newest aws-cdk-lib. Random configurations, and tests of code that has nothing to do with it, do not depend on its version.
const { readFileSync, readdirSync } = require('fs');
const { join } = require('path');
const { jest } = require('../package.json');

const tests = readdirSync(__dirname, { recursive: true }).filter(file => file.endsWith('.test.ts'));
const others = tests.filter(file => !/aws-cdk-lib|emplate|fixtures/.test(readFileSync(join(__dirname, file), 'utf8')));

module.exports = {
  ...jest,
  rootDir: '..',
  collectCoverage: false,
  moduleNameMapper: {
    ...jest.moduleNameMapper,
    '^aws-cdk-lib$': 'aws-cdk-lib-newest',
    '^aws-cdk-lib/(.*)$': 'aws-cdk-lib-newest/$1',
  },
  testPathIgnorePatterns: [...jest.testPathIgnorePatterns, 'random', ...others.map(file => `/test/${file}$`)],
};
