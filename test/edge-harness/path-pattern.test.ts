import { takesPath } from '../../integ/emulator/edge/path-pattern';

describe('path patterns', () => {
  test.each([
    ['*', '/'],
    ['*', '/a/b.js'],
    ['/api/*', '/api/'],
    ['/api/*', '/api/users/1'],
    ['api/*', '/api/users'],
    ['*.jpg', '/images/deep/one.jpg'],
    ['/image?.png', '/image1.png'],
    ['/a*c', '/a/b/c'],
    ['/api/*', '/site/../api/users'],
  ])('%s takes %s', (pattern, path) => {
    expect(takesPath(pattern, path)).toBe(true);
  });

  test.each([
    ['/api/*', '/api'],
    ['/api/*', '/apis/users'],
    ['/api/*', '/v1/api/users'],
    ['/api/*', '/API/users'],
    ['/image?.png', '/image.png'],
    ['/image?.png', '/image12.png'],
    ['*.jpg', '/one.jpeg'],
    ['/a.js', '/abjs'],
    ['/a+b', '/aab'],
    ['/api/*', '/api/../index.html'],
  ])('%s does not take %s', (pattern, path) => {
    expect(takesPath(pattern, path)).toBe(false);
  });
});
