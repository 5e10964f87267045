import { expect, test } from 'vitest'
import { portOf } from './flags.ts'
import { openerOf } from './open-browser.ts'

test('a port is a number a server can have', () => {
  expect([undefined, '1', '4711', '65535'].map(portOf)).toEqual([undefined, 1, 4711, 65_535])
})

test.each(['0', '65536', '-1', '+1', '1.5', '1e3', '0x10', 'http', '', ' 1'])('%j is no port', (text) => {
  expect(() => portOf(text)).toThrow(expect.objectContaining({ code: 'input.invalid' }))
})

test('a browser is opened where there is a desktop, and nowhere else', () => {
  expect(openerOf('linux', {})).toBeUndefined()
  expect(openerOf('linux', { DISPLAY: '' })).toBeUndefined()
  expect(openerOf('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toEqual(['xdg-open'])
  expect(openerOf('darwin', {})).toEqual(['open'])
})
