import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createSecretRules } from './secret-rules.ts'

const rules = createSecretRules()

// Made here, so that no file of ours holds what looks like a credential.
const from = (letters: string, length: number): string => Array.from(randomBytes(length), (byte) => letters[byte % letters.length]).join('')
const [digits, upper, lower] = ['0123456789', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz']
const word = (length: number): string => from(upper + lower + digits, length)
const hex = (length: number): string => from('0123456789abcdef', length)
const base32 = (length: number): string => from(`${upper}234567`, length)
const pem = (type: 'ed25519' | 'x25519'): string => generateKeyPairSync(type as 'ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const rsa = (): string => generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
const armour = (kind: string, headers = ''): string => `-----BEGIN ${kind}-----\n${headers}${`${word(64)}\n`.repeat(4)}-----END ${kind}-----\n`

const credentials: Readonly<Record<string, string>> = {
  'AWS key id': `AWS_ACCESS_KEY_ID=AKIA${base32(16)}`,
  'AWS secret key': `aws_secret_access_key = ${word(40)}`,
  'GitHub token': `token: ghp_${word(36)}`,
  'GitHub OAuth token': `gho_${word(36)}`,
  'GitHub app token': `ghs_${word(36)}`,
  'GitHub fine-grained token': `github_pat_${word(22)}_${word(59)}`,
  'GitLab token': `glpat-${word(20)}`,
  'RSA key': rsa(),
  'Ed25519 key': pem('ed25519'),
  'X25519 key': pem('x25519'),
  'OpenSSH key': armour('OPENSSH PRIVATE KEY'),
  'encrypted key': armour('RSA PRIVATE KEY', `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,${hex(32)}\n\n`),
  'PGP key': armour('PGP PRIVATE KEY BLOCK', 'Version: GnuPG v2\n\n'),
  'Google service account': JSON.stringify({ type: 'service_account', private_key_id: hex(40), private_key: rsa() }),
  'Google API key': `key=AIza${word(35)}`,
  'npm token': `//registry.npmjs.org/:_authToken=npm_${word(36)}`,
  'PyPI token': `pypi-AgEIcHlwaS5vcmc${word(60)}`,
  'Slack token': `xoxb-${from(digits, 12)}-${from(digits, 12)}-${word(24)}`,
  'Slack webhook': `https://hooks.slack.com/services/T${base32(8)}/B${base32(8)}/${word(24)}`,
  'Stripe key': `sk_live_${word(24)}`,
  'SendGrid key': `SG.${word(22)}.${word(43)}`,
  'Shopify token': `shpat_${hex(32)}`,
  'OpenAI key': `sk-proj-${word(58)}T3BlbkFJ${word(58)}`,
  'Anthropic key': `sk-ant-api03-${word(93)}AA`,
  'Hugging Face token': `hf_${from(upper + lower, 34)}`,
  'password in a URL': `https://user:${word(12)}@example.com/`,
  'PostgreSQL password': `postgres://user:${word(12)}@db.example.com:5432/app`,
  'MongoDB password': `mongodb+srv://user:${word(12)}@cluster.mongodb.net/app`,
  'JSON web token': `eyJ${word(33)}.eyJ${word(60)}.${word(43)}`,
  'Azure storage key': `AccountName=x;AccountKey=${word(86)}==`,
  'Discord webhook': `https://discord.com/api/webhooks/${from(digits, 18)}/${word(68)}`,
  'Telegram token': `${from(digits, 9)}:AA${word(33)}`,
  'DigitalOcean token': `dop_v1_${hex(64)}`,
  'Mailgun key': `key-${hex(32)}`,
  'Vault token': `hvs.${word(90)}`,
  'Docker token': `dckr_pat_${word(27)}`,
}

const harmless: Readonly<Record<string, string>> = {
  'a commit id': hex(40),
  'a lock file': `"integrity": "sha512-${word(86)}=="`,
  'a uuid': '3f0c2a1e-9d1b-4a5e-8a31-1f2b8e0c7d11',
  'a public key': armour('PUBLIC KEY'),
  'a certificate': armour('CERTIFICATE'),
  'the first line of a key in code': "if (text.startsWith('-----BEGIN PRIVATE KEY-----')) return 'a key'",
  'a variable to be filled in': 'GITHUB_TOKEN=${{ secrets.GITHUB_TOKEN }}',
  'a URL without a password': 'https://user@example.com/path',
}

describe('credentials', () => {
  it.each(Object.entries(credentials))('%s is found, where it is', async (_name, text) => {
    const before = 'const nothing = "here"\n'
    const places = await rules.find(`${before}${text}\nafter\n`)
    expect(places.length).toBeGreaterThan(0)
    for (const { rule, start, end } of places) {
      expect(rule).toMatch(/^[\w-]+$/)
      expect(start).toBeGreaterThanOrEqual(before.length)
      expect(end).toBeLessThanOrEqual(before.length + text.length + 1)
    }
  })

  it.each(Object.entries(harmless))('%s is none', async (_name, text) => {
    expect(await rules.find(`${text}\n`)).toEqual([])
  })

  it('are told by place and rule alone', async () => {
    const token = `ghp_${word(36)}`
    const places = await rules.find(`a\n${token}\n`)
    expect(places).toEqual([{ rule: 'github', start: 2, end: 42 }])
    expect(JSON.stringify(places)).not.toContain(token)
  })

  it('are found beside comments that would switch the rules off', async () => {
    expect(await rules.find(`/* secretlint-disable */\n// secretlint-disable-next-line\nghp_${word(36)} // secretlint-disable-line\n`)).toHaveLength(1)
  })
})

describe('a long text', () => {
  it('is looked through to its end, what lies across the parts it is taken in too', async () => {
    const tokens = Array.from({ length: 9 }, () => `ghp_${word(36)}`)
    const text = tokens.map((token, index) => `${'line of text\n'.repeat(1_254)}${index}${' '.repeat(index)}${token}\n`).join('')
    expect((await rules.find(text)).map(({ start, end }) => text.slice(start, end))).toEqual(tokens)
    const key = generateKeyPairSync('rsa', { modulusLength: 8192 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const late = await rules.find(`${'x\n'.repeat(31_000)}${key}`)
    expect(late.map(({ rule, start }) => `${rule} ${start}`).toSorted()).toEqual(['private-key 62000', 'privatekey 62000'])
  })

  it('of nothing but credentials is given up after as many as are wanted', async () => {
    const text = `ghp_${word(36)}\n`.repeat(90_000)
    const started = performance.now()
    expect(await rules.find(text, 1_000)).toHaveLength(1_000)
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})

describe('the rules', () => {
  it.each(['-----BEGIN PRIVATE KEY-----\n', 'eyJabcdefghijk-', 'eyJabcdefghijk.', 'https://a:', 'postgres://a:', 'AIza', 'aws_secret=', '123456789:AA', 'A-A: \n', 'key-', '_authToken=', ' '])('take no long over a megabyte of %j', async (piece) => {
    const started = performance.now()
    await rules.find(piece.repeat(1_000_000 / piece.length))
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  it('are of the version they say', () => {
    const manifest = join(dirname(createRequire(import.meta.url).resolve('@secretlint/secretlint-rule-preset-recommend')), '../package.json')
    expect(rules.version).toContain(`secretlint ${JSON.parse(readFileSync(manifest, 'utf8')).version},`)
  })
})
