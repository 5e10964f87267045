import { describe, expect, test } from 'vitest'
import { splitAcceptance } from './acceptance.ts'

describe('the checklist of a task', () => {
  test.each<[string, string, string, string]>([
    ['is the section under the heading', 'Why.\n\n## Acceptance\n- [ ] a\n  more\n\n### Part\ntext\n\n## Next\nend\n', '- [ ] a\n  more\n\n### Part\ntext', 'Why.\n\n## Next\nend'],
    ['may be under any heading that begins so, in any case', '# acceptance criteria\n1. a', '1. a', ''],
    ['is every item with a check box where there is no heading', 'Do:\n- [ ] a\n  b\n- c\n* [x] d\nend', '- [ ] a\n  b\n* [x] d', 'Do:\n- c\nend'],
    ['is none', 'Just text\n- a list\n', '', 'Just text\n- a list\n'],
    ['is none under an empty section', 'a\n## Acceptance\n', '', 'a\n## Acceptance\n'],
    ['is not what a fence quotes', '````\n## Acceptance\n- [ ] no\n```\n- [ ] no\n````\n', '', '````\n## Acceptance\n- [ ] no\n```\n- [ ] no\n````\n'],
    ['is not what a comment hides', '<!--\n## Acceptance\n- [ ] no\n-->\n- [ ] yes', '- [ ] yes', '<!--\n## Acceptance\n- [ ] no\n-->'],
    ['ends at a heading, not at one in a fence', '## Acceptance\n```\n# no\n```\n- [ ] a\n# End', '```\n# no\n```\n- [ ] a', '# End'],
    ['reads Windows line ends', '## Acceptance\r\n- [ ] a\r\n## B\r\n', '- [ ] a', '## B'],
    ['is not the word in a sentence', 'acceptance is hard', '', 'acceptance is hard'],
  ])('%s', (_, body, acceptance, text) => {
    expect(splitAcceptance(body)).toEqual({ acceptance, text })
  })

  test('of a hostile task takes no longer than its length', () => {
    const start = performance.now()
    for (const body of ['>'.repeat(500_000), 'many words\n'.repeat(50_000), '['.repeat(500_000), '- [ ] x\n'.repeat(50_000), '<!--'.repeat(100_000), '`'.repeat(500_000), '# '.repeat(200_000)]) splitAcceptance(body)
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})
