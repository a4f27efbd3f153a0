import * as ts from 'typescript';

/** Syntax that Node knows and the list of cloudfront-js-2.0 does not have. */
const REFUSED: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.ClassDeclaration, 'class'],
  [ts.SyntaxKind.ClassExpression, 'class'],
  [ts.SyntaxKind.YieldExpression, 'yield'],
  [ts.SyntaxKind.ForOfStatement, 'for … of'],
  [ts.SyntaxKind.ObjectBindingPattern, 'destructuring'],
  [ts.SyntaxKind.ArrayBindingPattern, 'destructuring'],
  [ts.SyntaxKind.SpreadElement, 'spread'],
  [ts.SyntaxKind.SpreadAssignment, 'spread'],
  [ts.SyntaxKind.QuestionDotToken, '?.'],
  [ts.SyntaxKind.QuestionQuestionToken, '??'],
  [ts.SyntaxKind.QuestionQuestionEqualsToken, '??='],
  [ts.SyntaxKind.BarBarEqualsToken, '||='],
  [ts.SyntaxKind.AmpersandAmpersandEqualsToken, '&&='],
  [ts.SyntaxKind.BigIntLiteral, 'bigint'],
  [ts.SyntaxKind.TaggedTemplateExpression, 'tagged templates'],
  [ts.SyntaxKind.ExportDeclaration, 'export'],
  [ts.SyntaxKind.ExportAssignment, 'export'],
]);

/**
 * Refuses code that would run here and not on CloudFront, whose list of what it supports is said to be complete.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 */
export function checkFunctionSyntax(code: string): void {
  const file = ts.createSourceFile('function.js', code, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const refused = new Set<string>();
  const visit = (node: ts.Node): void => {
    const name = ts.isParameter(node) && node.initializer ? 'default parameters' : REFUSED.get(node.kind);
    if (name) {
      refused.add(name);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  if (refused.size > 0) {
    throw new Error(`cloudfront-js-2.0 does not have ${[...refused].join(', ')}`);
  }
}
