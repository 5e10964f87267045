import { expect, test } from 'vitest'
import { readOperations, typeText } from './read-openapi.ts'

test('a schema reads as a type', () => {
  const schema = { type: 'object', required: ['id'], properties: { id: { type: 'string' }, labels: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, kind: { enum: ['a', 'b'] }, task: { $ref: '#/components/schemas/Task' } } }
  expect(typeText(schema)).toBe('{\n  id: string\n  labels?: (string | null)[]\n  kind?: "a" | "b"\n  task?: Task\n}')
})

test('a map and a nullable type read as such', () => {
  expect(typeText({ type: 'object', additionalProperties: { type: ['string', 'null'] } })).toBe('{ [name]: string | null }')
})

test('calls are grouped by subject', () => {
  const document = { paths: { '/api/x/{id}': { parameters: [], post: { tags: ['xs'], summary: 'Do x', responses: { 200: { description: 'Done' } } } } } }
  expect(readOperations(document)).toMatchObject([{ name: 'xs', operations: [{ method: 'POST', path: '/api/x/{id}', summary: 'Do x', body: undefined, answers: [{ status: '200', type: 'any' }] }] }])
})

test('what is no document has no calls', () => {
  expect(readOperations('<html>')).toEqual([])
})
