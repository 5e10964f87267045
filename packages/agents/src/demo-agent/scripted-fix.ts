import type { Edit } from './edit.ts'

/** What the agent does in the shop that `signalbox demo` makes, as plain data. */
export const apiFix = {
  edits: [
    {
      path: 'src/quote.js',
      find: `  const discount = (subtotal * (order.discountPercent ?? 0)) / 100
  return { lines, subtotal, discount, total: subtotal - discount }
}
`,
      replace: `  const discount = percentOf(subtotal, order.discountPercent ?? 0)
  return { currency: 'EUR', lines, subtotal, discount, total: subtotal - discount }
}

/** Returns a share of an amount in whole cents, halves rounded up. */
function percentOf(cents, percent) {
  return Math.floor((cents * percent + 50) / 100)
}
`,
    },
  ],
  message: `Round discounts to whole cents and name the currency of a quote

The receipt showed 4.50 - 0.68 = 3.83, because half a cent was carried
along and rounded twice. Whoever shows a quote can now say its currency.`,
} as const satisfies { readonly edits: readonly Edit[]; readonly message: string }

/** The web side: one edit is staged, one is not, and the file both rely on is not tracked yet. */
export const webFix = {
  staged: [
    {
      path: 'src/receipt.js',
      find: `/** Returns a quote as lines of text, amounts on the right. */
export function receipt(quote) {
  const bought = quote.lines.map(({ product, count, amount }) => row(\`\${count} x \${product}\`, amount))
  const discount = quote.discount === 0 ? [] : [row('Discount', -quote.discount)]
  return [...bought, ...discount, row('Total', quote.total)].join('\\n')
}

function row(label, cents) {
  return label.padEnd(12) + (cents / 100).toFixed(2).padStart(12)
}
`,
      replace: `import { money } from './money.js'

/** Returns a quote as lines of text, amounts on the right. */
export function receipt(quote) {
  const row = (label, cents) => label.padEnd(12) + money(cents, quote.currency).padStart(12)
  const bought = quote.lines.map(({ product, count, amount }) => row(\`\${count} x \${product}\`, amount))
  const discount = quote.discount === 0 ? [] : [row('Discount', -quote.discount)]
  return [...bought, ...discount, row('Total', quote.total)].join('\\n')
}
`,
    },
  ],
  unstaged: [
    {
      path: 'src/page.js',
      find: `/** Returns a quote as an HTML list. */
export function page(quote) {
  const items = quote.lines.map(({ product, count, amount }) => \`<li>\${count} \${product} <b>\${(amount / 100).toFixed(2)}</b></li>\`)
  return \`<ul>\${items.join('')}</ul><p>Total <b>\${(quote.total / 100).toFixed(2)}</b></p>\`
}
`,
      replace: `import { money } from './money.js'

/** Returns a quote as an HTML list. */
export function page(quote) {
  const bold = (cents) => \`<b>\${money(cents, quote.currency)}</b>\`
  const items = quote.lines.map(({ product, count, amount }) => \`<li>\${count} \${product} \${bold(amount)}</li>\`)
  return \`<ul>\${items.join('')}</ul><p>Total \${bold(quote.total)}</p>\`
}
`,
    },
  ],
  untracked: [
    {
      path: 'src/money.js',
      text: `/** Returns an amount with its currency: 382 cents of EUR are "EUR 3.82", owed ones "-EUR 3.82". */
export function money(cents, currency) {
  if (!Number.isInteger(cents)) throw new TypeError(\`\${cents} is not a whole number of cents\`)
  if (currency === undefined) throw new TypeError('an amount needs a currency')
  return \`\${cents < 0 ? '-' : ''}\${currency} \${(Math.abs(cents) / 100).toFixed(2)}\`
}
`,
    },
  ],
} as const satisfies {
  readonly staged: readonly Edit[]
  readonly unstaged: readonly Edit[]
  readonly untracked: readonly { readonly path: string; readonly text: string }[]
}
