/*
 * Writes what an app is, from the cloud assembly that it was synthesized to: <assembly>/report/index.html and report.md.
 *
 *   node assets/report/write-report.js <assembly> [--json]
 *
 * Exits with 1 and one message where there is no assembly, or one that cannot be read; nothing is written then.
 */
import { join } from 'path';
import { writeMarkdown } from './markdown';
import { writePage } from './page';
import { reportOf } from './report';
import { ReportError } from './report-error';
import { writeFiles } from '../../write-files';

/** Writes the report, and answers with where it is and what is in it. */
export async function writeReport(assembly: string): Promise<object> {
  const { instance } = await import('@viz-js/viz');
  const { document, environments } = reportOf(assembly, await instance());
  const files = { html: join('report', 'index.html'), markdown: join('report', 'report.md') };
  const html = writePage(document);
  const markdown = writeMarkdown(document);
  writeFiles(new Map([[join(assembly, files.html), html], [join(assembly, files.markdown), markdown]]));
  return { title: document.title, files, bytes: { html: Buffer.byteLength(html), markdown: Buffer.byteLength(markdown) }, environments };
}

async function main([assembly, ...options]: string[]): Promise<void> {
  try {
    const unknown = options.find(option => option !== '--json');
    if (assembly === undefined || assembly.startsWith('-') || unknown !== undefined) {
      throw new ReportError(`${unknown === undefined ? '' : `${unknown} is not known. `}usage: write-report <assembly> [--json]`);
    }
    const result = await writeReport(assembly);
    console.log(options.includes('--json') ? JSON.stringify(result, undefined, 2) : join(assembly, 'report', 'index.html'));
  } catch (error) {
    const known = error instanceof ReportError || (error as NodeJS.ErrnoException).code !== undefined;
    console.error(known ? `write-report: ${(error as Error).message}` : error);
    process.exitCode = 1;
  }
}

if (require.main === module) void main(process.argv.slice(2));
