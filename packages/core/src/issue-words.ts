import { count } from './amounts.ts'

/** What a schema says of a value that does not fit, as far as it is told to people. */
export interface SchemaIssue {
  readonly code?: string | undefined
  readonly message: string
  readonly keys?: readonly string[]
  readonly errors?: readonly (readonly SchemaIssue[])[]
  readonly issues?: readonly SchemaIssue[]
  readonly origin?: string
  readonly minimum?: number | bigint
  readonly maximum?: number | bigint
  readonly inclusive?: boolean | undefined
  readonly exact?: boolean | undefined
  readonly expected?: string
  readonly values?: readonly unknown[]
}

/** How the library begins its own words, which name types and signs; every message of our schemas begins with a small letter. */
const ofLibrary = /^(?:Too (?:big|small): |Invalid |Unrecognized )/

/** What the library calls a type, in the words of people. */
const typeWords: Readonly<Record<string, string>> = { string: 'text', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', object: 'an object', record: 'an object', null: 'null' }

/** Returns what is wrong with a value, to be read behind the name of its field: in the words of our schemas, or in plain ones where they have none. */
export function sayIssue(issue: SchemaIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `unknown ${issue.keys?.length === 1 ? 'key' : 'keys'} ${issue.keys?.join(', ') ?? ''}`
    case 'invalid_union':
      return sayInner(issue.errors?.flat()[0], issue)
    case 'invalid_key':
      return sayInner(issue.issues?.[0], issue)
    default:
      return ofLibrary.test(issue.message) ? sayPlainly(issue) : issue.message
  }
}

function sayInner(inner: SchemaIssue | undefined, issue: SchemaIssue): string {
  return inner === undefined ? issue.message : sayIssue(inner)
}

function sayPlainly(issue: SchemaIssue): string {
  switch (issue.code) {
    case 'too_big':
      return sayBound(issue, issue.maximum, ['at most', 'less than'])
    case 'too_small':
      return sayBound(issue, issue.minimum, ['at least', 'more than'])
    case 'invalid_type':
      return issue.message.endsWith('received undefined') ? 'is missing' : `must be ${typeWords[issue.expected ?? ''] ?? `of the type ${issue.expected}`}`
    case 'invalid_value':
      return `must be ${issue.values?.length === 1 ? '' : 'one of '}${issue.values?.map(String).join(', ') ?? ''}`
    case 'invalid_format':
    case 'not_multiple_of':
      return sayForm(issue.message)
    default:
      return issue.message
  }
}

function sayBound({ origin, inclusive = true, exact = false }: SchemaIssue, bound: number | bigint | undefined, [within, beyond]: readonly [string, string]): string {
  const amount = exact ? 'exactly' : inclusive ? within : beyond
  if (origin === 'string') return `must have ${amount} ${count(Number(bound), 'character')}`
  if (origin === 'array' || origin === 'set' || origin === 'map') return `must have ${amount} ${count(Number(bound), 'item')}`
  return `must be ${amount} ${bound}`
}

/** `Invalid URL` names the form; `Invalid string: must start with "x"` says it, but for a pattern, which tells people nothing. */
function sayForm(message: string): string {
  const said = /: (must .*)$/.exec(message)?.[1]
  if (said === undefined) return `is not a valid ${message.replace('Invalid ', '')}`
  return said.startsWith('must match pattern') ? 'does not have the form that is needed' : said
}
