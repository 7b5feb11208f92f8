/** The copy could not be made. Its message is a sentence for whoever asked. */
export class CannotCopy extends Error {
  override readonly name = 'CannotCopy'
}
