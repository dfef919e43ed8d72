/** What is wrong with a file of a model, in a sentence. Known to helpers, which load nothing of the house. */
export class WrongFile extends Error {}
