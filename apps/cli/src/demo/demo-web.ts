import type { DemoCommit } from './demo-commit.ts'

const readme = `# web

Shows the quotes of the shop's price service as a receipt and as a page.

    import { receipt } from './src/receipt.js'
    receipt(quote)

The tests read real quotes from \`api\`, which lies beside this folder.
`

const packageJson = `{
  "name": "web",
  "private": true,
  "type": "module",
  "scripts": { "test": "node --test" }
}
`

const receipt = `/** Returns a quote as lines of text, amounts on the right. */
export function receipt(quote) {
  const bought = quote.lines.map(({ product, count, amount }) => row(\`\${count} x \${product}\`, amount))
  const discount = quote.discount === 0 ? [] : [row('Discount', -quote.discount)]
  return [...bought, ...discount, row('Total', quote.total)].join('\\n')
}

function row(label, cents) {
  return label.padEnd(12) + (cents / 100).toFixed(2).padStart(12)
}
`

const page = `/** Returns a quote as an HTML list. */
export function page(quote) {
  const items = quote.lines.map(({ product, count, amount }) => \`<li>\${count} \${product} <b>\${(amount / 100).toFixed(2)}</b></li>\`)
  return \`<ul>\${items.join('')}</ul><p>Total <b>\${(quote.total / 100).toFixed(2)}</b></p>\`
}
`

const receiptTests = `import assert from 'node:assert/strict'
import test from 'node:test'
import { quote } from '../../api/src/quote.js'
import { receipt } from '../src/receipt.js'

test('lists what was bought', () => {
  assert.match(receipt(quote({ items: [{ product: 'mug', count: 2 }] })), /^2 x mug +.*25\\.98/)
})
`

const pageTests = `import assert from 'node:assert/strict'
import test from 'node:test'
import { quote } from '../../api/src/quote.js'
import { page } from '../src/page.js'

test('lists what was bought', () => {
  assert.match(page(quote({ items: [{ product: 'mug', count: 2 }] })), /<li>2 mug <b>.*25\\.98.*<\\/b><\\/li>/)
})
`

const openReceiptTest = `
test('adds up, and names the currency of every amount', () => {
  const lines = receipt(quote({ items: [{ product: 'tea', count: 1 }], discountPercent: 15 })).split('\\n')
  assert.deepEqual(lines, ['1 x tea         EUR 4.50', 'Discount       -EUR 0.68', 'Total           EUR 3.82'])
})
`

const openPageTest = `
test('names the currency of every amount', () => {
  assert.match(page(quote({ items: [{ product: 'tea', count: 1 }] })), /EUR 4\\.50.*EUR 4\\.50/)
})
`

/** The history of the demo's `web`: its last commit on main is the tests that the demo's task is about. */
export const webHistory: readonly DemoCommit[] = [
  { branch: 'main', message: 'Start the pages of the shop', files: { 'README.md': readme, 'package.json': packageJson, '.gitignore': '.env\nnode_modules/\n' } },
  { branch: 'main', message: 'Show a quote as a receipt', files: { 'src/receipt.js': receipt, 'test/receipt.test.js': receiptTests } },
  { branch: 'large-type', message: 'Try larger amounts on the receipt', files: { 'src/receipt.js': receipt.replaceAll('12', '20') } },
  { branch: 'main', message: 'Show a quote as a page', files: { 'src/page.js': page, 'test/page.test.js': pageTests } },
  {
    branch: 'main',
    message: 'Pin that every amount names its currency',
    files: { 'test/receipt.test.js': receiptTests + openReceiptTest, 'test/page.test.js': pageTests + openPageTest },
  },
]
