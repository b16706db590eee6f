/** The start cannot go on, for a reason the operator can mend: `message` is one sentence for them, printed without a stack. */
export class StartRefused extends Error {}
