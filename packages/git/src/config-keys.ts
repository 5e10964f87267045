import { createHash } from 'node:crypto'

/** `[section "sub"]` at the start of what is left of a line. */
const header = /^[ \t\r]*\[[ \t]*([\w.-]+)[ \t]*(?:"((?:[^"\\]|\\.)*)"[ \t]*)?\]/
/** A key and the rest of its line, which is its value as it is written. */
const setting = /^[ \t\r]*([A-Za-z][\w-]*)[ \t\r]*(?:=(.*))?$/s

/**
 * Returns the settings of a git config file, each `section.sub.key` with an id of its values: what people call changed is
 * a setting, not its comments and spaces. Whatever is not understood stands together under one name, so that no
 * change goes unseen. Git is not asked, for it would follow what the file includes; values are not kept, some are secrets.
 */
export function listConfigKeys(text: string): readonly (readonly [key: string, id: string])[] {
  const values = new Map<string, string>()
  for (const [key, value] of readSettings(text)) values.set(key, `${values.get(key) ?? ''}${value}\0`)
  return [...values].map(([key, value]) => [key, createHash('sha1').update(value).digest('hex')])
}

/** Returns the settings of a git config file with their values, in the order they stand there; what is not understood is left out. */
export function listConfigValues(text: string): readonly (readonly [key: string, value: string])[] {
  return readSettings(text).flatMap(([key, value]) => (key === NOT_UNDERSTOOD ? [] : [[key, unquoteValue(value)] as const]))
}

const NOT_UNDERSTOOD = '(not understood)'

/** Takes quotes, escapes and a comment off a value. */
function unquoteValue(written: string): string {
  let [value, quoted] = ['', false]
  for (const [piece] of written.matchAll(/\\(?:\r?\n|.)|[^]/gs)) {
    if (piece === '"') quoted = !quoted
    else if (!quoted && /[#;]/.test(piece)) break
    else value += piece.length === 1 ? piece : (escaped[piece] ?? piece.slice(1))
  }
  return value.trimEnd()
}

const escaped: Readonly<Record<string, string>> = { '\\n': '\n', '\\t': '\t', '\\b': '\b', '\\\n': '', '\\\r\n': '' }

/** Lists settings with their values as they are written. */
function readSettings(text: string): readonly (readonly [key: string, written: string])[] {
  const settings: (readonly [string, string])[] = []
  let section = ''
  for (const line of logicalLines(text)) {
    let rest = line
    for (let found = header.exec(rest); found !== null; found = header.exec(rest)) {
      section = `${(found[1] ?? '').toLowerCase()}${found[2] === undefined ? '' : `.${found[2].replaceAll(/\\(.)/g, '$1')}`}`
      rest = rest.slice(found[0].length)
    }
    if (/^[ \t\r]*([#;].*)?$/.test(rest)) continue
    const [, key, value = ''] = setting.exec(rest) ?? []
    settings.push(key === undefined ? [NOT_UNDERSTOOD, rest] : [`${section}.${key.toLowerCase()}`, value.replaceAll(/^[ \t\r]+|[ \t\r]+$/g, '')])
  }
  return settings
}

/** Joins lines that end in a backslash with the next one, as values may; comments never do. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = []
  let open = ''
  for (const line of text.split('\n')) {
    const isComment = open === '' && /^[ \t\r]*[#;]/.test(line)
    if (!isComment && /(?:^|[^\\])(?:\\\\)*\\\r?$/.test(line)) open = `${open}${line}\n`
    else {
      lines.push(open + line)
      open = ''
    }
  }
  return open === '' ? lines : [...lines, open]
}
