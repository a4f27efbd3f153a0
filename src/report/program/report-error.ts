/** Something that whoever asked for the report can put right: told in a message, without a stack. */
export class ReportError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReportError';
  }
}
