// The unit tests on the newest aws-cdk-lib. Random configurations and handlers do not depend on its version.
const { jest } = require('../package.json');

module.exports = {
  ...jest,
  rootDir: '..',
  collectCoverage: false,
  moduleNameMapper: {
    ...jest.moduleNameMapper,
    '^aws-cdk-lib$': 'aws-cdk-lib-newest',
    '^aws-cdk-lib/(.*)$': 'aws-cdk-lib-newest/$1',
  },
  testPathIgnorePatterns: [...jest.testPathIgnorePatterns, 'random-configurations', 'handler'],
};
