import { denied, invalid, type Refusal } from './refusal.ts'

/** How often a path is decoded in the search for a way out of it: twice encoded is once more than anybody means. */
const decodings = 3

/** Returns why a request target is none of ours: another form than a path, or a path that climbs. */
export function judgeTarget(target: string): Refusal | undefined {
  if (!target.startsWith('/')) return denied(421, 'This request is not asked of this server', 'Ask for a path, such as /')
  const path = pathOf(target)
  if (path.startsWith('//') || target.includes('#') || isTwisted(path)) return invalid(400, 'This path cannot be one of ours', 'Ask for a plain path, without dot segments, backslashes or what hides them')
  return undefined
}

/** Returns the path of a target, without its query, not decoded. */
export function pathOf(target: string): string {
  const query = target.indexOf('?')
  return query === -1 ? target : target.slice(0, query)
}

/** Tells whether a path is that of a call; everything else is a page or a file of one. */
export function isApiPath(path: string): boolean {
  return path === '/api' || path.startsWith('/api/')
}

/** Most paths are words and slashes, which nothing can hide in. */
const plain = /^(?:\/[\w-]+)*\/?$/

function isTwisted(path: string): boolean {
  if (plain.test(path)) return false
  let form = path
  for (let count = 0; count < decodings; count += 1) {
    // oxlint-disable-next-line no-control-regex -- control bytes are exactly what no path of ours holds
    if (/[\\\u0000-\u001f\u007f]/.test(form) || form.split('/').some((segment) => segment === '.' || segment === '..')) return true
    const decoded = decode(form)
    if (decoded === undefined) return count === 0
    if (decoded === form) return false
    form = decoded
  }
  return false
}

/** Undefined when it is no percent-encoded UTF-8. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
