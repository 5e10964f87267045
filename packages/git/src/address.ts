/** What stands before the `@` of an address; also a password with a `/` in it as it is, which to git is a host and a port that is no number. */
const LOGIN = '([^\\s/]*|(?!\\[)[^\\s/@:]*:[^\\s/@]*[^\\d\\s/@][^\\s@]*)@'
const splitting = new RegExp(`^(https?://)${LOGIN}(.*)$`, 'is')
const anywhere = new RegExp(`([a-z][a-z0-9+.-]*)://${LOGIN}`, 'gi')

/** Returns an address as it may be shown and recorded: what could be a credential in it is left out. Paths and `host:path` have none. */
export function showAddress(address: string): string {
  return withoutUser(address).replace(/^([a-z][a-z0-9+.-]*:\/\/[^?#]*)[?#].*$/is, '$1')
}

/** An address of the web, and the login that was written into it. */
export interface SplitAddress {
  readonly address: string
  readonly user: string | undefined
  readonly password: string | undefined
}

/** Takes the login out of an address: git hands what it is given to programs by their command line, which everybody can read. */
export function splitAddress(address: string): SplitAddress {
  const [, scheme = '', login = '', rest = ''] = splitting.exec(address) ?? []
  if (scheme === '') return { address, user: undefined, password: undefined }
  const [user = '', ...password] = login.split(':')
  return { address: `${scheme}${rest}`, user: decode(user), password: password.length === 0 ? undefined : decode(password.join(':')) }
}

/** Returns what git or another program said of an address, with every credential in it left out. */
export function redactAddress(text: string, address: string): string {
  const [, user = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^\s/]*)@/i.exec(address) ?? []
  const [, query = ''] = /\?([^#]*)/.exec(address) ?? []
  const secrets = [...user.split(':'), ...query.split(/[&=]/)].flatMap((part) => [part, decode(part)]).filter((part) => part.length >= 8)
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, '…'), withoutUser(text.replaceAll(address, showAddress(address))))
}

/** Of ssh, the user is a name and no credential; of others, it may be a token. */
function withoutUser(text: string): string {
  return text.replaceAll(anywhere, (_all, scheme: string, user: string) => `${scheme}://${/^(git\+)?ssh/i.test(scheme) ? `${user.split(':')[0]}@` : ''}`)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // no encoding at all
  }
}
