import type { DemoCommit } from './demo-commit.ts'

const readme = `# api

Prices the orders of a small shop. Amounts are in cents.

    import { quote } from './src/quote.js'
    quote({ items: [{ product: 'tea', count: 2 }] })

\`node --test\` runs the tests.
`

const packageJson = `{
  "name": "api",
  "private": true,
  "type": "module",
  "scripts": { "test": "node --test" }
}
`

const catalog = `/** Price of one piece, in cents. */
const prices = { tea: 450, mug: 1299, kettle: 3995 }

/** Returns the price of a product in cents; throws for one the shop does not sell. */
export function priceOf(product) {
  if (!Object.hasOwn(prices, product)) throw new RangeError(\`the shop sells no \${product}\`)
  return prices[product]
}
`

const firstQuote = `import { priceOf } from './catalog.js'

/** Prices an order: \`{ items: [{ product, count }] }\`. */
export function quote(order) {
  const lines = order.items.map(({ product, count }) => ({ product, count, amount: priceOf(product) * count }))
  return { lines, total: sum(lines) }
}

function sum(lines) {
  return lines.reduce((total, line) => total + line.amount, 0)
}
`

const quoteWithDiscount = `import { priceOf } from './catalog.js'

/** Prices an order: \`{ items: [{ product, count }], discountPercent }\`. */
export function quote(order) {
  const lines = order.items.map(({ product, count }) => ({ product, count, amount: priceOf(product) * count }))
  const subtotal = sum(lines)
  const discount = (subtotal * (order.discountPercent ?? 0)) / 100
  return { lines, subtotal, discount, total: subtotal - discount }
}

function sum(lines) {
  return lines.reduce((total, line) => total + line.amount, 0)
}
`

const firstTests = `import assert from 'node:assert/strict'
import test from 'node:test'
import { quote } from '../src/quote.js'

test('adds up the lines of an order', () => {
  assert.equal(quote({ items: [{ product: 'tea', count: 2 }, { product: 'mug', count: 1 }] }).total, 2199)
})

test('refuses a product the shop does not sell', () => {
  assert.throws(() => quote({ items: [{ product: 'yacht', count: 1 }] }), RangeError)
})
`

const discountTest = `
test('takes a discount off the total', () => {
  assert.equal(quote({ items: [{ product: 'kettle', count: 2 }], discountPercent: 10 }).total, 7191)
})
`

const openTest = `
test('a discount is whole cents, halves rounded up, and the quote names its currency', () => {
  const { currency, subtotal, discount, total } = quote({ items: [{ product: 'tea', count: 1 }], discountPercent: 15 })
  assert.deepEqual({ currency, subtotal, discount, total }, { currency: 'EUR', subtotal: 450, discount: 68, total: 382 })
})
`

/** The history of the demo's `api`: its last commit on main is the test that the demo's task is about. */
export const apiHistory: readonly DemoCommit[] = [
  {
    branch: 'main',
    message: 'Start the price service',
    files: { 'README.md': readme, 'package.json': packageJson, '.gitignore': '.env\nnode_modules/\n', 'src/catalog.js': catalog },
  },
  { branch: 'main', message: 'Price an order from the catalog', files: { 'src/quote.js': firstQuote, 'test/quote.test.js': firstTests } },
  {
    branch: 'gift-cards',
    message: 'Try gift cards as a product',
    files: { 'src/catalog.js': catalog.replace('kettle: 3995', "kettle: 3995, 'gift card': 2000") },
  },
  {
    branch: 'main',
    message: 'Take a discount in percent',
    files: { 'src/quote.js': quoteWithDiscount, 'test/quote.test.js': firstTests + discountTest },
  },
  {
    branch: 'main',
    message: 'Pin how discounts are rounded and that a quote names its currency',
    files: { 'test/quote.test.js': firstTests + discountTest + openTest },
  },
]
