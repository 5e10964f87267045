import { program, toType } from '../session/session.ts'
import { Copy } from './copy.tsx'

/** Shows a command; what is copied is as it has to be typed here. */
export function Command(props: { readonly text: string }) {
  return (
    <span class="command">
      <code>{props.text}</code>
      <Copy text={toType(props.text)} what={`the command ${props.text}`} />
    </span>
  )
}

/** Shows the same act on the command line: `args` are what follows the program's name. */
export function Twin(props: { readonly args: string }) {
  return <Command text={`${program()} ${props.args}`} />
}
